package io.dropserver.reconciler.notify;

import io.dropserver.web.page.VisibleText;

/**
 * Something that a person should know of.
 *
 * @param key the same for as long as it is the same trouble; one line
 * @param title a few words of ASCII
 * @param text one line, in which nothing is hidden
 */
record Trouble(String key, String title, String text) {
  private static final int LONGEST = 500;

  Trouble {
    text = shortened(VisibleText.line(text));
  }

  private static String shortened(String line) {
    int length = line.codePointCount(0, line.length());
    return length <= LONGEST ? line : line.substring(0, line.offsetByCodePoints(0, LONGEST)) + "…";
  }
}
