package io.dropserver.reconciler.notify;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What is sent at a time.
 *
 * @param title ASCII, one line
 * @param text one line for each trouble
 */
record Message(String title, String text) {
  /** A flood of troubles is one message, with so many of them. */
  private static final int MOST_LINES = 10;

  /**
   * @param troubles at least one
   */
  static Message of(List<Trouble> troubles) {
    Trouble first = troubles.getFirst();
    if (troubles.size() == 1) {
      return new Message(first.title(), first.text());
    }
    String lines =
        troubles.stream()
            .limit(MOST_LINES)
            .map(trouble -> trouble.title() + ": " + trouble.text())
            .collect(Collectors.joining("\n"));
    int more = troubles.size() - MOST_LINES;
    String rest = more > 0 ? "\nand " + more + " more: dropserver status" : "";
    return new Message(first.title() + " (and " + (troubles.size() - 1) + " more)", lines + rest);
  }
}
