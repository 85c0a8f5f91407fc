package io.dropserver.reconciler.notify;

import io.dropserver.reconciler.status.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The problems that one receiver was notified of. They are stored in the database, so a restart
 * does not repeat them. A problem that has been gone for an hour is forgotten, so a flapping
 * problem is reported only once. Not thread-safe.
 */
final class Told {
  private static final Duration REMEMBERED = Duration.ofHours(1);

  private final Settings settings;
  private final String setting;

  /** When each problem was last seen, by key. */
  private final Map<String, Instant> seen = new LinkedHashMap<>();

  private String kept;

  /**
   * @param receiver identifies the receiver
   * @param now counts as the last sighting of all problems from before the restart
   */
  Told(Settings settings, String receiver, Instant now) {
    this.settings = settings;
    this.setting = "notified " + receiver;
    this.kept = settings.find(setting).orElse("");
    kept.lines().forEach(key -> seen.put(key, now));
  }

  /** Returns the problems that the receiver has not been notified of. */
  List<Trouble> news(List<Trouble> troubles, Instant now) {
    List<Trouble> news = new ArrayList<>();
    for (Trouble trouble : troubles) {
      if (seen.replace(trouble.key(), now) == null) {
        news.add(trouble);
      }
    }
    Instant old = now.minus(REMEMBERED);
    if (seen.values().removeIf(time -> time.isBefore(old))) {
      keep();
    }
    return news;
  }

  void tell(List<Trouble> troubles, Instant now) {
    troubles.forEach(trouble -> seen.put(trouble.key(), now));
    keep();
  }

  private void keep() {
    String value = seen.keySet().stream().collect(Collectors.joining("\n"));
    if (value.equals(kept)) {
      return;
    }
    settings.keep(setting, value);
    kept = value;
  }
}
