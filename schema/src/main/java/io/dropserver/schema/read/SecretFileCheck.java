package io.dropserver.schema.read;

import io.dropserver.schema.document.DocumentParser.ParsedFile;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.instance.Problem;
import java.util.ArrayList;
import java.util.List;

/** Checks a file that contains a Secret, beside its documents. */
final class SecretFileCheck {
  private SecretFileCheck() {}

  /**
   * Returns the problems of the whole file. They do not repeat its text, because a value that was
   * not encrypted by mistake can be part of a message of the parser, for example as a tag.
   */
  static List<Problem> problems(ParsedFile file) {
    List<Problem> problems = new ArrayList<>();
    for (Problem problem : file.problems()) {
      problems.add(
          Problem.at(
              problem.location(),
              "this is not allowed in a Secret; the text is not shown, because it may be a secret",
              "write plain mappings and quoted texts, without anchors, aliases, tags and"
                  + " duplicate keys"));
    }
    for (Node other : file.documents().stream().skip(1).toList()) {
      problems.add(
          Problem.at(
              other.location(),
              "a Secret must be alone in its file",
              "move the other document to another file"));
    }
    return problems;
  }
}
