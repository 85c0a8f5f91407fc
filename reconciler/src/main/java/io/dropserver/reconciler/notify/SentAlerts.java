package io.dropserver.reconciler.notify;

import io.dropserver.reconciler.status.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Records which alerts one receiver has received. The database stores the record, so a restart does
 * not repeat alerts. An alert is forgotten an hour after its problem was last seen, so a flapping
 * problem is reported only once. Not thread-safe.
 */
final class SentAlerts {
  private static final Duration REMEMBERED = Duration.ofHours(1);

  private final Settings settings;
  private final String setting;

  /** When each alert's problem was last seen, by key. */
  private final Map<String, Instant> seen = new LinkedHashMap<>();

  private String stored;

  /**
   * @param receiver identifies the receiver
   * @param now the time at which the stored alerts count as last seen
   */
  SentAlerts(Settings settings, String receiver, Instant now) {
    this.settings = settings;
    this.setting = "notified " + receiver;
    this.stored = settings.find(setting).orElse("");
    stored.lines().forEach(key -> seen.put(key, now));
  }

  /** Returns the alerts that the receiver has not received, and marks the others as seen. */
  List<Alert> unsent(List<Alert> alerts, Instant now) {
    List<Alert> news =
        alerts.stream().filter(alert -> seen.replace(alert.key(), now) == null).toList();
    // A much later time is from before the date was set back.
    if (seen.values()
        .removeIf(time -> Duration.between(time, now).abs().compareTo(REMEMBERED) > 0)) {
      store();
    }
    return news;
  }

  void markSent(List<Alert> alerts, Instant now) {
    alerts.forEach(alert -> seen.put(alert.key(), now));
    store();
  }

  private void store() {
    String value = seen.keySet().stream().collect(Collectors.joining("\n"));
    if (value.equals(stored)) {
      return;
    }
    settings.put(setting, value);
    stored = value;
  }
}
