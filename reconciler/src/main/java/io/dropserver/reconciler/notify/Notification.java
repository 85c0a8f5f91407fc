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
   * @param alerts at least one
   */
  static Notification of(List<Alert> alerts) {
    Alert first = alerts.getFirst();
    if (alerts.size() == 1) {
      return new Notification(first.title(), first.text());
    }
    String lines =
        alerts.stream()
            .limit(MOST_LINES)
            .map(alert -> alert.title() + ": " + alert.text())
            .collect(Collectors.joining("\n"));
    int more = alerts.size() - MOST_LINES;
    String rest = more > 0 ? "\nand " + more + " more: dropserver status" : "";
    return new Notification(
        first.title() + " (and " + (alerts.size() - 1) + " more)", lines + rest);
  }
}
