package io.dropserver.reconciler.status;

import static io.dropserver.state.tables.Tables.HOLD;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.ServerConditions;
import io.dropserver.state.tables.tables.records.HoldRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The state of the server as a whole: its conditions, and the appspaces that an operator has
 * paused. Reads are served from memory; the database preserves the state across restarts. Unchanged
 * state is not written again. Thread-safe.
 */
public final class ServerState implements ServerConditions {
  private static final String CONDITIONS = "conditions";

  private final StateDatabase database;
  private final Settings settings;
  private final Clock clock;
  private final Set<String> held = ConcurrentHashMap.newKeySet();

  /** The server's conditions. Writes are guarded by this object's lock. */
  private volatile Conditions conditions;

  public ServerState(StateDatabase database, Clock clock) {
    this.database = database;
    this.settings = new Settings(database);
    this.clock = clock;
    this.conditions = settings.find(CONDITIONS).map(StateJson::conditions).orElse(Conditions.NONE);
    held.addAll(database.read(on -> on.select(HOLD.APPSPACE).from(HOLD).fetch(HOLD.APPSPACE)));
  }

  public Conditions conditions() {
    return conditions;
  }

  @Override
  public Optional<Condition> find(ConditionType type) {
    return conditions.find(type);
  }

  @Override
  public void set(ConditionType type, Reason reason, String message) {
    set(type, reason, message, "");
  }

  public synchronized void set(ConditionType type, Reason reason, String message, String revision) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    update(conditions.with(type, true, reason, message, revision, now));
  }

  @Override
  public synchronized void clear(ConditionType type) {
    update(conditions.without(type));
  }

  private void update(Conditions changed) {
    if (changed.hasSameContent(conditions)) {
      return;
    }
    // Update memory first, because the condition applies even if a full disk prevents storing it.
    conditions = changed;
    settings.put(CONDITIONS, StateJson.write(changed.list()));
  }

  public boolean isSuspended() {
    return conditions.find(ConditionType.SUSPENDED).isPresent();
  }

  public boolean isHeld(String appspace) {
    return held.contains(appspace);
  }

  public void hold(String appspace) {
    HoldRecord row = new HoldRecord(appspace, clock.millis());
    database.write(on -> on.insertInto(HOLD).set(row).onConflictDoNothing().execute());
    held.add(appspace);
  }

  public void release(String appspace) {
    database.write(on -> on.deleteFrom(HOLD).where(HOLD.APPSPACE.eq(appspace)).execute());
    held.remove(appspace);
  }
}
