package io.dropserver.reconciler.approval;

import io.dropserver.base.text.ShortText;
import io.dropserver.base.text.UnsafeCharacters;
import java.util.Optional;

/**
 * Makes an app's text safe to display: one short line without hidden characters, links and
 * mentions, which cannot end a quotation.
 */
public final class SanitizedText {
  static final int LONGEST = 200;

  private SanitizedText() {}

  /** Returns the safe text; empty if no visible character is left. */
  public static Optional<String> of(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(LONGEST).forEach(point -> append(shown, point));
    String inert =
        shown
            .toString()
            .replaceAll(" {2,}", " ")
            .strip()
            .replace("://", ": //")
            .replaceAll("(?i)\\b(www|mailto|xmpp)([.:])", "$1 $2")
            .replaceAll("(?i)(#|!|\\bGH-)(?=[0-9])", "$1 ");
    String cut = ShortText.of(inert, LONGEST);
    return cut.isEmpty() ? Optional.empty() : Optional.of(cut);
  }

  private static void append(StringBuilder shown, int point) {
    switch (point) {
      case '`' -> shown.append('\'');
      case '@' -> shown.append("(at)");
      case '\n', '\r', '\t' -> shown.append(' ');
      default -> {
        if (UnsafeCharacters.APP_TEXT.contains(point)) {
          shown.append("\\u{%X}".formatted(point));
        } else {
          shown.appendCodePoint(point);
        }
      }
    }
  }
}
