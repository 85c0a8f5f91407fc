package io.dropserver.reconciler.notify;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A message to one receiver.
 *
 * @param title one line of ASCII
 * @param text one line for each alert
 */
record Notification(String title, String text) {
  /**
   * Maximum number of alerts that a message lists. The message contains only the number of the
   * other alerts.
   */
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
