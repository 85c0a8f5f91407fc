package io.dropserver.reconciler.notify;

import io.dropserver.schema.text.VisibleText;

/**
 * A problem that needs an operator's attention.
 *
 * @param key one line that identifies the problem and does not change while it lasts
 * @param title a few words of ASCII
 * @param text one line without invisible characters
 */
record Alert(String key, String title, String text) {
  private static final int LONGEST = 500;

  Alert {
    text = shortened(VisibleText.line(text));
  }

  private static String shortened(String line) {
    int length = line.codePointCount(0, line.length());
    return length <= LONGEST ? line : line.substring(0, line.offsetByCodePoints(0, LONGEST)) + "…";
  }
}
