package io.dropserver.reconciler.notify;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One message to a receiver.
 *
 * @param title one line of ASCII
 * @param text one line for each problem
 */
record Notification(String title, String text) {
  /** Many problems at once become one message with at most this many lines. */
  private static final int MOST_LINES = 10;

  /**
   * @param troubles at least one
   */
  static Notification of(List<Alert> troubles) {
    Alert first = troubles.getFirst();
    if (troubles.size() == 1) {
      return new Notification(first.title(), first.text());
    }
    String lines =
        troubles.stream()
            .limit(MOST_LINES)
            .map(alert -> alert.title() + ": " + alert.text())
            .collect(Collectors.joining("\n"));
    int more = troubles.size() - MOST_LINES;
    String rest = more > 0 ? "\nand " + more + " more: dropserver status" : "";
    return new Notification(
        first.title() + " (and " + (troubles.size() - 1) + " more)", lines + rest);
  }
}
