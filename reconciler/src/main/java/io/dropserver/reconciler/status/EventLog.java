package io.dropserver.reconciler.status;

import static io.dropserver.state.tables.Tables.EVENT;

import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.schema.host.LogSettings;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateException;
import io.dropserver.state.condition.Event;
import io.dropserver.state.condition.Reason;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores events in the database. Deletes the oldest ones beyond a maximum number. Thread-safe. */
public final class EventLog {
  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
  private static final int TRIM_EVERY = 100;

  private final StateDatabase database;
  private final Clock clock;
  private final int retained;
  private final AtomicInteger sinceTrim = new AtomicInteger();

  public EventLog(StateDatabase database, Clock clock) {
    this(database, clock, LogSettings.DEFAULT.events());
  }

  /**
   * @param retained how many of the newest events are retained
   */
  public EventLog(StateDatabase database, Clock clock, int retained) {
    this.database = database;
    this.clock = clock;
    this.retained = retained;
  }

  public Event event(ObjectKey key, Reason reason, String message, boolean warning) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    return new Event(now, key.kind().text(), key.name(), reason.text(), message, warning);
  }

  /** Adds an event of an appspace; see {@link #add}. */
  public void report(String appspace, Reason reason, String message, boolean warning) {
    add(event(ObjectKey.appspace(appspace), reason, message, warning));
  }

  /**
   * Adds an event. If the database cannot be written, for example because the disk is full, logs
   * the event instead, so that the reporting operation can continue.
   */
  public void add(Event event) {
    try {
      database.write(on -> write(on, event));
    } catch (StateException e) {
      LOG.warn(
          "{}/{} {}: {} ({})",
          event.kind(),
          event.name(),
          event.reason(),
          event.message(),
          e.getMessage());
    }
  }

  /** Adds an event as part of the caller's transaction. */
  void write(DSLContext on, Event event) {
    on.insertInto(EVENT)
        .set(EVENT.TIME, event.time().toEpochMilli())
        .set(EVENT.KIND, event.kind())
        .set(EVENT.NAME, event.name())
        .set(EVENT.REASON, event.reason())
        .set(EVENT.MESSAGE, event.message())
        .set(EVENT.WARNING, event.warning())
        .execute();
    if (sinceTrim.incrementAndGet() >= TRIM_EVERY) {
      sinceTrim.set(0);
      on.deleteFrom(EVENT)
          .where(EVENT.ID.le(DSL.select(DSL.max(EVENT.ID).minus(retained)).from(EVENT)))
          .execute();
    }
  }

  public List<Event> newest(int limit) {
    return database.read(
        on ->
            on.selectFrom(EVENT)
                .orderBy(EVENT.ID.desc())
                .limit(limit)
                .fetch(
                    row ->
                        new Event(
                            Instant.ofEpochMilli(row.getTime()),
                            row.getKind(),
                            row.getName(),
                            row.getReason(),
                            row.getMessage(),
                            row.getWarning())));
  }
}
