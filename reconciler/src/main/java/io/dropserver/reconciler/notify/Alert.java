package io.dropserver.reconciler.notify;

import io.dropserver.base.text.ShortText;
import io.dropserver.base.text.VisibleText;

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
    text = ShortText.of(VisibleText.line(text), LONGEST);
  }
}
