package io.dropserver.reconciler.secret;

import static io.dropserver.state.tables.Tables.SECRET;

import io.dropserver.state.DataFolders;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateException;
import io.dropserver.state.tables.tables.records.SecretRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;

/**
 * Stores sealed secrets in the state database. A secret is available only to the appspace that it
 * was set for, and only while that appspace has the same app and owner. Values are not kept in
 * memory. Thread-safe.
 */
public final class StoredSecrets {
  private final StateDatabase database;
  private final DataFolders data;
  private final SealingKey key;
  private final InstantSource clock;

  /** The appspace, app and owner that a secret belongs to. */
  public record Holder(String appspace, String app, String owner) {
    private String context(String name) {
      // None of the parts can contain a line break.
      return String.join("\n", appspace, app, owner, name);
    }
  }

  /**
   * A secret without its value.
   *
   * @param readable false if its key was lost or the row was changed
   */
  public record Entry(Holder holder, String name, Instant setAt, boolean readable) {}

  public StoredSecrets(StateDatabase database, DataFolders data, Path key, InstantSource clock) {
    this.database = database;
    this.data = data;
    this.key = new SealingKey(key);
    this.clock = clock;
  }

  /**
   * Returns a secret's value for the egress gateway. App and owner are those of the appspace's
   * current data.
   */
  public Optional<String> find(String appspace, String name) {
    return data.live(appspace)
        .map(folder -> new Holder(appspace, folder.app(), folder.owner()))
        .flatMap(holder -> find(holder, name));
  }

  private Optional<String> find(Holder holder, String name) {
    return database
        .read(on -> on.fetchOptional(SECRET, is(holder.appspace(), name)))
        .filter(row -> holder(row).equals(holder))
        .flatMap(this::open);
  }

  /** Returns whether the secret exists and can be opened. */
  public boolean has(Holder holder, String name) {
    return find(holder, name).isPresent();
  }

  /** Returns whether a secret of this name was set for an appspace of this name, usable or not. */
  boolean isKnown(String appspace, String name) {
    return database.read(on -> on.fetchExists(SECRET, is(appspace, name)));
  }

  /** Returns all secrets without their values, by appspace and name. */
  public List<Entry> list() {
    return database.read(
        on ->
            on.selectFrom(SECRET)
                .orderBy(SECRET.APPSPACE, SECRET.NAME)
                .fetch(
                    row ->
                        new Entry(
                            holder(row),
                            row.getName(),
                            Instant.ofEpochMilli(row.getSetAt()),
                            open(row).isPresent())));
  }

  /**
   * Sets a secret, replacing an earlier value.
   *
   * @throws StateException when the key or the database cannot be written
   */
  public void set(Holder holder, String name, String value) {
    SecretRecord row = new SecretRecord();
    row.setAppspace(holder.appspace());
    row.setName(name);
    row.setApp(holder.app());
    row.setOwner(holder.owner());
    row.setSealed(key.seal(value, holder.context(name)));
    row.setSetAt(clock.millis());
    database.write(on -> on.insertInto(SECRET).set(row).onDuplicateKeyUpdate().set(row).execute());
  }

  /** Removes a secret. Returns false if it does not exist. */
  public boolean remove(String appspace, String name) {
    return database.writeReturning(
        on -> on.deleteFrom(SECRET).where(is(appspace, name)).execute() > 0);
  }

  private static Condition is(String appspace, String name) {
    return SECRET.APPSPACE.eq(appspace).and(SECRET.NAME.eq(name));
  }

  private Optional<String> open(SecretRecord row) {
    return key.open(row.getSealed(), holder(row).context(row.getName()));
  }

  private static Holder holder(SecretRecord row) {
    return new Holder(row.getAppspace(), row.getApp(), row.getOwner());
  }
}
