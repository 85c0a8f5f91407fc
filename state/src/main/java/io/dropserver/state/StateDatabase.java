package io.dropserver.state;

import io.dropserver.base.concurrent.HeldLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database of a state folder: SQLite in WAL mode, with one writing server and any number of
 * readers. A completed write survives a power failure. Thread-safe.
 */
public final class StateDatabase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StateDatabase.class);

  /** The newest migration in this program. A test compares it with the folder of migrations. */
  static final int NEWEST_MIGRATION = 45;

  /**
   * The newest migration of the oldest program that can read and write what this program writes: of
   * the previous release, so that an operator can go back by one. Later migrations only add.
   */
  static final int OLDEST_COMPATIBLE_MIGRATION = 38;

  private final Path file;
  private final Connection connection;
  private final DSLContext context;
  private final boolean readOnly;
  private final boolean rebuilt;
  private final Ballast ballast;

  /** A lock that is held while the connection is in use. */
  private final ReentrantLock connectionLock = new ReentrantLock();

  private final GroupCommit<Function<DSLContext, Object>, Object> commits =
      new GroupCommit<>(this::writeBatch);
  private final AtomicLong transactions = new AtomicLong();

  private StateDatabase(Path file, Connection connection, boolean readOnly, boolean rebuilt) {
    this.file = file;
    this.ballast = Ballast.inFolderOf(file);
    this.connection = connection;
    this.readOnly = readOnly;
    this.rebuilt = rebuilt;
    this.context = DSL.using(connection, SQLDialect.SQLITE, settings());
  }

  /**
   * Opens the database for writing and migrates it to the current schema. A file that is not a
   * valid database is moved aside and replaced by an empty one, see {@link #rebuilt()}.
   *
   * <p>The database of a newer program is used as it is if that program declared that this one can
   * read and write it.
   *
   * @throws StateException if an incompatible newer program wrote it, or it cannot be read or
   *     written
   */
  public static StateDatabase open(Path file, Clock clock) {
    try {
      return openWithBallast(file, !Files.exists(file));
    } catch (SQLException e) {
      if (!DatabaseFile.isDamage(e)) {
        throw new DatabaseFile(file).cannotOpen(e);
      }
      Path aside = new DatabaseFile(file).moveAside(clock);
      LOG.warn(
          "{} is damaged ({}); it is kept as {}, and a new database is created",
          file,
          e.getMessage(),
          aside);
    }
    try {
      return openWithBallast(file, true);
    } catch (SQLException e) {
      throw new DatabaseFile(file).cannotOpen(e);
    }
  }

  /**
   * On a full disk, releases ballast and retries, because opening the database also writes: the
   * shared memory of the log, and migrations.
   */
  private static StateDatabase openWithBallast(Path file, boolean fresh) throws SQLException {
    while (true) {
      try {
        return open(file, false, fresh);
      } catch (SQLException | RuntimeException e) {
        if (!new DatabaseFile(file).isDiskFull(e) || !Ballast.inFolderOf(file).release()) {
          throw e;
        }
      }
    }
  }

  /**
   * Opens the database for reading. A server may write to it at the same time.
   *
   * @throws StateException if it is missing, has another schema version, or cannot be read
   */
  public static StateDatabase openReadOnly(Path file) {
    if (!Files.exists(file)) {
      throw new StateException("no database at " + file + "; no server has run on this folder yet");
    }
    try {
      return open(file, true, false);
    } catch (SQLException e) {
      throw new DatabaseFile(file).cannotOpen(e);
    }
  }

  /** Returns whether opening created a new database, so that data folders must be adopted. */
  public boolean rebuilt() {
    return rebuilt;
  }

  /** Returns when the file was created, of which a restored copy has the same time. */
  public Instant createdAt() {
    String created =
        read(
            on ->
                on.fetchSingle(
                        "SELECT installed_on FROM flyway_schema_history ORDER BY installed_rank"
                            + " LIMIT 1")
                    .get(0, String.class));
    return Instant.parse(created.replace(' ', 'T') + "Z");
  }

  public <T> T read(Function<DSLContext, T> query) {
    try (var _ = new HeldLock(connectionLock)) {
      return query.apply(context);
    }
  }

  /**
   * Runs an update in a transaction that is on disk when the call returns. Concurrent updates share
   * one transaction, and are repeated one by one if any of them fails. An update must therefore
   * have no effect outside the database.
   */
  @SuppressWarnings("unchecked") // the result is what this update returned
  public <T> T writeReturning(Function<DSLContext, T> update) {
    if (readOnly) {
      throw new IllegalStateException(file + " was opened read-only");
    }
    return (T) commits.submit((Function<DSLContext, Object>) (Function<?, ?>) update);
  }

  public void write(Consumer<DSLContext> update) {
    writeReturning(
        on -> {
          update.accept(on);
          return Boolean.TRUE;
        });
  }

  /**
   * Writes a consistent copy while other threads write.
   *
   * @param copy must not exist
   * @throws StateException if it cannot be written
   */
  public void copyTo(Path copy) {
    try (Connection reading = new DatabaseFile(file).connect(true);
        java.sql.PreparedStatement vacuum = reading.prepareStatement("VACUUM INTO ?")) {
      vacuum.setString(1, copy.toString());
      vacuum.execute();
    } catch (SQLException e) {
      throw new StateException(file + " cannot be copied to " + copy + ": " + e.getMessage(), e);
    }
  }

  /** Returns the number of transactions committed since the database was opened. */
  public long transactions() {
    return transactions.get();
  }

  @Override
  public void close() {
    try (var _ = new HeldLock(connectionLock)) {
      connection.close();
    } catch (SQLException e) {
      throw new StateException(file + " cannot be closed: " + e.getMessage(), e);
    }
  }

  /** On a full disk, releases ballast and retries the transaction. */
  private List<Object> writeBatch(List<Function<DSLContext, Object>> updates) {
    while (true) {
      try {
        return writeOnce(updates);
      } catch (RuntimeException e) {
        if (!new DatabaseFile(file).isDiskFull(e)) {
          throw e;
        }
        if (!ballast.release()) {
          throw new DatabaseFile(file).diskFull(e);
        }
      }
    }
  }

  private List<Object> writeOnce(List<Function<DSLContext, Object>> updates) {
    try (var _ = new HeldLock(connectionLock)) {
      List<Object> results =
          context.transactionResult(
              scope -> {
                DSLContext on = scope.dsl();
                List<Object> each = new ArrayList<>(updates.size());
                for (Function<DSLContext, Object> update : updates) {
                  each.add(update.apply(on));
                }
                return each;
              });
      transactions.incrementAndGet();
      return results;
    }
  }

  private static StateDatabase open(Path file, boolean readOnly, boolean fresh)
      throws SQLException {
    DatabaseFile of = new DatabaseFile(file);
    Connection connection = of.connect(readOnly);
    try {
      if (!readOnly && !fresh) {
        DatabaseFile.check(connection);
      }
      int version = DatabaseFile.version(connection);
      if (version > NEWEST_MIGRATION && !of.supportsPrograms(connection, NEWEST_MIGRATION)) {
        throw of.newerVersion(version, NEWEST_MIGRATION);
      }
      if (version < NEWEST_MIGRATION && readOnly) {
        throw new StateException(
            file + " has an older schema version; start the server once to upgrade it");
      }
      if (version <= NEWEST_MIGRATION && !readOnly) {
        // Before the migration: after a crash in between, an incompatible program must not open it.
        of.writeOldestCompatible(connection, OLDEST_COMPATIBLE_MIGRATION);
      }
      if (version < NEWEST_MIGRATION) {
        // Flyway takes a third of a second, so it runs only if a migration is pending.
        of.migrate();
      }
      return new StateDatabase(file, connection, readOnly, fresh);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static Settings settings() {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    return new Settings().withExecuteLogging(false).withRenderFormatted(false);
  }
}
