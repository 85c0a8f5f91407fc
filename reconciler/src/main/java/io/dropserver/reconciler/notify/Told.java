package io.dropserver.reconciler.notify;

import static io.dropserver.schema.state.tables.Tables.SETTING;

import io.dropserver.schema.state.StateDatabase;
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

  private final StateDatabase database;
  private final String setting;

  /** When each was last seen, by key. */
  private final Map<String, Instant> seen = new LinkedHashMap<>();

  private String kept;

  /**
   * @param receiver tells receivers apart
   * @param now what was told before is taken for seen then
   */
  Told(StateDatabase database, String receiver, Instant now) {
    this.database = database;
    this.setting = "notified " + receiver;
    this.kept =
        database
            .read(
                on ->
                    on.select(SETTING.VALUE)
                        .from(SETTING)
                        .where(SETTING.KEY.eq(setting))
                        .fetchOptional(SETTING.VALUE))
            .orElse("");
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
    database.write(
        on ->
            on.insertInto(SETTING)
                .set(SETTING.KEY, setting)
                .set(SETTING.VALUE, value)
                .onConflict(SETTING.KEY)
                .doUpdate()
                .set(SETTING.VALUE, value)
                .execute());
    kept = value;
  }
}
