package io.dropserver.sandbox.app;

import io.dropserver.base.text.ShortText;
import io.dropserver.base.text.UnsafeCharacters;
import java.util.regex.Pattern;

/** Makes untrusted text safe for messages, terminals and logs. */
final class Printable {
  /** CSI and OSC sequences of ECMA-48, which set colours or control a terminal. */
  private static final Pattern ESCAPES =
      Pattern.compile("\u001B(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001B]*(?:\u0007|\u001B\\\\)?)");

  private Printable() {}

  /** Converts text to a single line of at most 200 characters. */
  static String of(String text) {
    return ShortText.of(
        UnsafeCharacters.LINE.replace(ESCAPES.matcher(text).replaceAll(""), _ -> "\uFFFD"), 200);
  }

  /** Returns the last {@code lines} non-blank lines of a program's output. */
  static String tail(String output, int lines) {
    var all =
        ESCAPES
            .matcher(output)
            .replaceAll("")
            .lines()
            .map(Printable::of)
            .filter(l -> !l.isBlank())
            .toList();
    return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
  }
}
