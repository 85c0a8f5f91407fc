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
 * What one receiver was told of, in the database: a restart tells nothing again. What is over is
 * forgotten after an hour, so that what comes and goes is told once. Not thread-safe.
 */
final class Told {
  private static final Duration REMEMBERED = Duration.ofHours(1);

  private final Settings settings;
  private final String setting;

  /** When each was last seen, by key. */
  private final Map<String, Instant> seen = new LinkedHashMap<>();

  private String kept;

  /**
   * @param receiver tells receivers apart
   * @param now what was told before is taken for seen then
   */
  Told(Settings settings, String receiver, Instant now) {
    this.settings = settings;
    this.setting = "notified " + receiver;
    this.kept = settings.find(setting).orElse("");
    kept.lines().forEach(key -> seen.put(key, now));
  }

  /** Those of what is now that the receiver does not know yet. */
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
