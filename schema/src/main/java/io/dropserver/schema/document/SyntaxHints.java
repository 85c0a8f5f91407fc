package io.dropserver.schema.document;

import io.dropserver.base.text.UnsafeCharacters;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Maps SnakeYAML's syntax errors to the mistake that usually causes them. */
final class SyntaxHints {
  private SyntaxHints() {}

  /** Returns the message on one line, without unsafe characters. */
  static String plain(String message) {
    return UnsafeCharacters.LINE.toSpaces(message);
  }

  static Optional<String> hint(String problem, @Nullable String context) {
    if (problem.contains("'\\t'") || problem.contains("\\t(TAB)") || problem.contains("tab")) {
      return Optional.of("indent with spaces; YAML forbids tabs there");
    }
    if (problem.contains("mapping values are not allowed here")) {
      return Optional.of("quote the text that contains a colon, or check the indentation");
    }
    if (problem.contains("could not find expected ':'")) {
      return Optional.of("a key needs a colon and a space after it");
    }
    if (problem.contains("but found '<block mapping start>'")
        || problem.contains("but found '<block sequence start>'")
        || problem.contains("but found '-'")) {
      return Optional.of("check the indentation of this line against the one above");
    }
    if (problem.contains("expected ',' or")) {
      return Optional.of("a bracket or brace that was opened is not closed");
    }
    if (problem.contains("unexpected end of stream")) {
      return Optional.of("a quote that was opened is not closed");
    }
    if (problem.contains("cannot start any token")) {
      return Optional.of("put the text in quotes");
    }
    return Optional.ofNullable(context).map(text -> SyntaxHints.plain(text));
  }
}
