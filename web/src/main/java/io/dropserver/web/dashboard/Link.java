package io.dropserver.web.dashboard;

import io.dropserver.schema.status.StatusProblem;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text that links to a forge when the target is known.
 *
 * @param url https or http, absolute
 */
public record Link(String text, Optional<String> url) {
  private static final Pattern SOURCE = Pattern.compile("(.+?):([0-9]{1,9}):[0-9]{1,9}");
  private static final Pattern WEB = Pattern.compile("https?://[^\\s\"'<>\\\\]+");

  public Link {
    url = url.filter(to -> WEB.matcher(to).matches());
  }

  /**
   * Links to the declaration of an object in Git.
   *
   * @param source {@code file:line:column}
   */
  static Link toSource(String source, Optional<String> revision, Details details) {
    Matcher place = SOURCE.matcher(source);
    if (!place.matches()) {
      return new Link(Shown.line(source), Optional.empty());
    }
    return toLine(place.group(1), Integer.parseInt(place.group(2)), revision, details);
  }

  static Link toProblem(StatusProblem problem, Optional<String> revision, Details details) {
    return toLine(problem.file(), problem.line(), revision, details);
  }

  private static Link toLine(String file, int line, Optional<String> revision, Details details) {
    return new Link(
        Shown.line(file) + ":" + line,
        revision.flatMap(commit -> details.lineUrl(commit, file, line)));
  }

  static Link toCommit(String revision, Details details) {
    return new Link(Shown.revision(revision), details.commitUrl(revision));
  }
}
