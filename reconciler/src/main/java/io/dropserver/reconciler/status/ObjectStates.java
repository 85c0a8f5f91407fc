package io.dropserver.reconciler.status;

import static io.dropserver.state.tables.Tables.DECLARED_OBJECT;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.excluded;

import io.dropserver.reconciler.plan.LastApplied;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.schema.instance.Kind;
import io.dropserver.state.GroupCommit;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.Event;
import io.dropserver.state.tables.tables.records.DeclaredObjectRecord;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The state of every declared object. Reads are served from memory; the database preserves the
 * states across restarts. Unchanged states are not written again. Thread-safe, but the state of
 * each object must be changed by one thread at a time.
 */
public final class ObjectStates implements LastApplied {
  private final StateDatabase database;
  private final EventLog events;
  private final Map<ObjectKey, ObjectState> all = new ConcurrentHashMap<>();

  /**
   * The states that are not ready. A separate map, so that a sync among many objects lists them
   * quickly.
   */
  private final NavigableMap<ObjectKey, ObjectState> notReady = new ConcurrentSkipListMap<>();

  private final GroupCommit<List<Update>, Boolean> writes = new GroupCommit<>(this::write);

  /**
   * A new state of an object.
   *
   * @param fields the applied fields, if the fingerprint changed
   */
  public record Update(
      ObjectState state, Optional<SortedMap<String, String>> fields, List<Event> events) {}

  public ObjectStates(StateDatabase database, EventLog events) {
    this.database = database;
    this.events = events;
    database
        .read(
            on ->
                on.select(
                        DECLARED_OBJECT.KIND,
                        DECLARED_OBJECT.NAME,
                        DECLARED_OBJECT.FINGERPRINT,
                        DECLARED_OBJECT.SOURCE,
                        DECLARED_OBJECT.KEPT_FROM,
                        DECLARED_OBJECT.CONDITIONS)
                    .from(DECLARED_OBJECT)
                    .fetchInto(DECLARED_OBJECT))
        .forEach(row -> read(row).ifPresent(this::storeInMemory));
  }

  @Override
  public Set<ObjectKey> keys() {
    return all.values().stream()
        .filter(state -> state.fingerprint().isPresent())
        .map(ObjectState::key)
        .collect(Collectors.toSet());
  }

  @Override
  public Optional<String> fingerprint(ObjectKey key) {
    return find(key).flatMap(ObjectState::fingerprint);
  }

  @Override
  public SortedMap<String, String> fields(ObjectKey key) {
    return database
        .read(
            on ->
                on.select(DECLARED_OBJECT.FIELDS)
                    .from(DECLARED_OBJECT)
                    .where(DECLARED_OBJECT.KIND.eq(key.kind().text()))
                    .and(DECLARED_OBJECT.NAME.eq(key.name()))
                    .fetchOptional(DECLARED_OBJECT.FIELDS))
        .map(StateJson::fields)
        .orElseGet(TreeMap::new);
  }

  public Optional<ObjectState> find(ObjectKey key) {
    return Optional.ofNullable(all.get(key));
  }

  /** Returns all states in the order of {@link ObjectKey}. */
  public List<ObjectState> sorted() {
    return all.values().stream().sorted(Comparator.comparing(ObjectState::key)).toList();
  }

  /** Returns the states that are not ready, in the order of {@link ObjectKey}. */
  public List<ObjectState> notReady() {
    return List.copyOf(notReady.values());
  }

  /** Stores new states durably. Writes only those that changed. */
  public void store(List<Update> updates) {
    List<Update> news =
        updates.stream()
            .filter(
                update -> {
                  ObjectState before = all.get(update.state().key());
                  return before == null
                      || !update.events().isEmpty()
                      || !update.state().needsNoWrite(before);
                })
            .toList();
    if (!news.isEmpty()) {
      writes.submit(news);
    }
    updates.forEach(update -> storeInMemory(update.state()));
  }

  /** Deletes the states of objects that are no longer declared. */
  public void forget(List<ObjectKey> keys, List<Event> reported) {
    database.write(
        on -> {
          for (ObjectKey key : keys) {
            on.deleteFrom(DECLARED_OBJECT)
                .where(DECLARED_OBJECT.KIND.eq(key.kind().text()))
                .and(DECLARED_OBJECT.NAME.eq(key.name()))
                .execute();
          }
          reported.forEach(event -> events.write(on, event));
        });
    keys.forEach(
        key ->
            all.computeIfPresent(
                key,
                (gone, state) -> {
                  notReady.remove(gone);
                  return null;
                }));
  }

  /** Stores a transient state in memory only. */
  public void storeInMemory(ObjectState state) {
    all.compute(
        state.key(),
        (key, before) -> {
          if (state.conditions().ready()) {
            notReady.remove(key);
          } else {
            notReady.put(key, state);
          }
          return state;
        });
  }

  private List<Boolean> write(List<List<Update>> several) {
    List<Update> updates = several.stream().flatMap(List::stream).toList();
    database.write(
        on -> {
          rows(on, updates);
          updates.forEach(update -> update.events().forEach(event -> events.write(on, event)));
        });
    return several.stream().map(each -> true).toList();
  }

  /** Writes all rows with one prepared statement, because the first sync writes thousands. */
  private static void rows(DSLContext on, List<Update> updates) {
    var statement =
        on.insertInto(DECLARED_OBJECT)
            .columns(
                DECLARED_OBJECT.KIND,
                DECLARED_OBJECT.NAME,
                DECLARED_OBJECT.FINGERPRINT,
                DECLARED_OBJECT.FIELDS,
                DECLARED_OBJECT.SOURCE,
                DECLARED_OBJECT.KEPT_FROM,
                DECLARED_OBJECT.CONDITIONS)
            .values("", "", (String) null, (String) null, "", (String) null, "")
            .onConflict(DECLARED_OBJECT.KIND, DECLARED_OBJECT.NAME)
            .doUpdate()
            .set(DECLARED_OBJECT.FINGERPRINT, excluded(DECLARED_OBJECT.FINGERPRINT))
            // Keep the stored fields if no new ones were applied.
            .set(
                DECLARED_OBJECT.FIELDS,
                coalesce(excluded(DECLARED_OBJECT.FIELDS), DECLARED_OBJECT.FIELDS))
            .set(DECLARED_OBJECT.SOURCE, excluded(DECLARED_OBJECT.SOURCE))
            .set(DECLARED_OBJECT.KEPT_FROM, excluded(DECLARED_OBJECT.KEPT_FROM))
            .set(DECLARED_OBJECT.CONDITIONS, excluded(DECLARED_OBJECT.CONDITIONS));
    on.batch(statement)
        .bind(updates.stream().map(ObjectStates::values).toArray(Object[][]::new))
        .execute();
  }

  private static @Nullable Object[] values(Update update) {
    ObjectState state = update.state();
    return new @Nullable Object[] {
      state.key().kind().text(),
      state.key().name(),
      state.fingerprint().orElse(null),
      update.fields().map(StateJson::write).orElse(null),
      state.source(),
      state.keptFrom().orElse(null),
      StateJson.write(state.conditions().list())
    };
  }

  /** Reads a row; empty if its kind is unknown, because another release wrote it. */
  private static Optional<ObjectState> read(DeclaredObjectRecord row) {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.text().equals(row.getKind()))
        .findFirst()
        .map(
            kind ->
                new ObjectState(
                    new ObjectKey(kind, row.getName()),
                    Optional.ofNullable(row.getFingerprint()),
                    row.getSource(),
                    Optional.ofNullable(row.getKeptFrom()),
                    StateJson.conditions(row.getConditions())));
  }
}
