package io.dropserver.schema.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/**
 * The database of a state folder: SQLite in WAL mode, written by one server, read by anyone. A
 * write that returned survives a power cut. Safe for use by several threads.
 */
public final class StateDatabase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StateDatabase.class);

  /** The newest migration in this program; a test holds it against the folder of migrations. */
  static final int NEWEST_MIGRATION = 1;

  private final Path file;
  private final Connection connection;
  private final DSLContext context;
  private final boolean readOnly;
  private final boolean rebuilt;

  /** Held while the connection is in use: SQLite's own calls take microseconds. */
  private final ReentrantLock inUse = new ReentrantLock();

  private final GroupCommit<Function<DSLContext, Object>, Object> commits =
      new GroupCommit<>(this::writeBatch);
  private final AtomicLong transactions = new AtomicLong();

  private StateDatabase(Path file, Connection connection, boolean readOnly, boolean rebuilt) {
    this.file = file;
    this.connection = connection;
    this.readOnly = readOnly;
    this.rebuilt = rebuilt;
    this.context = DSL.using(connection, SQLDialect.SQLITE, settings());
  }

  /**
   * Opens for writing, migrated to this program's form. A file that is no sound database is moved
   * aside and an empty one takes its place: see {@link #rebuilt()}.
   *
   * @throws StateException when a newer program wrote it, or it cannot be read or written
   */
  public static StateDatabase open(Path file, Clock clock) {
    try {
      return open(file, !Files.exists(file));
    } catch (SQLException e) {
      if (!isDamage(e)) {
        throw cannotOpen(file, e);
      }
      Path aside = moveAside(file, clock);
      LOG.warn("{} is damaged ({}); kept as {}, a new one is begun", file, e.getMessage(), aside);
    }
    try {
      return open(file, true);
    } catch (SQLException e) {
      throw cannotOpen(file, e);
    }
  }

  /**
   * Opens for reading, also while a server writes.
   *
   * @throws StateException when it is missing, of another form, or cannot be read
   */
  public static StateDatabase openReadOnly(Path file) {
    if (!Files.exists(file)) {
      throw new StateException("no database at " + file + "; no server has run on this folder yet");
    }
    try {
      Connection connection = connect(file, true);
      try {
        int version = version(connection);
        if (version > NEWEST_MIGRATION) {
          throw newer(file, version);
        }
        if (version < NEWEST_MIGRATION) {
          throw new StateException(
              file + " is of an older form; start the server once, it brings it up to date");
        }
        return new StateDatabase(file, connection, true, false);
      } catch (SQLException | StateException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw cannotOpen(file, e);
    }
  }

  /** Whether it was begun anew at opening, so that data folders must be adopted. */
  public boolean rebuilt() {
    return rebuilt;
  }

  public <T> T read(Function<DSLContext, T> query) {
    inUse.lock();
    try {
      return query.apply(context);
    } finally {
      inUse.unlock();
    }
  }

  /**
   * Runs in a transaction that is on disk when this returns. Writes of several threads share one,
   * and are run again alone if one of them fails: so an update changes nothing but the database.
   */
  @SuppressWarnings("unchecked") // what comes out is what this update put in
  public <T> T writeAnd(Function<DSLContext, T> update) {
    if (readOnly) {
      throw new IllegalStateException(file + " was opened for reading");
    }
    return (T) commits.submit((Function<DSLContext, Object>) (Function<?, ?>) update);
  }

  public void write(Consumer<DSLContext> update) {
    writeAnd(
        on -> {
          update.accept(on);
          return Boolean.TRUE;
        });
  }

  /** How many transactions were committed since it was opened. */
  public long transactions() {
    return transactions.get();
  }

  @Override
  public void close() {
    inUse.lock();
    try {
      connection.close();
    } catch (SQLException e) {
      throw new StateException(file + " cannot be closed: " + e.getMessage(), e);
    } finally {
      inUse.unlock();
    }
  }

  private List<Object> writeBatch(List<Function<DSLContext, Object>> updates) {
    inUse.lock();
    try {
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
    } finally {
      inUse.unlock();
    }
  }

  private static StateDatabase open(Path file, boolean fresh) throws SQLException {
    Connection connection = connect(file, false);
    try {
      if (!fresh) {
        check(connection);
      }
      int version = version(connection);
      if (version > NEWEST_MIGRATION) {
        throw newer(file, version);
      }
      if (version < NEWEST_MIGRATION) {
        // Flyway costs a third of a second, so it is asked only when there is work for it.
        migrate(file);
      }
      return new StateDatabase(file, connection, false, fresh);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static Connection connect(Path file, boolean readOnly) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(10_000);
    config.enforceForeignKeys(true);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    if (readOnly) {
      config.setReadOnly(true);
      config.resetOpenMode(SQLiteOpenMode.CREATE);
    } else {
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
      // FULL: in WAL mode NORMAL may lose the last commits in a power cut, and with them a uid.
      config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    }
    return config.createConnection("jdbc:sqlite:" + file);
  }

  private static void check(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("PRAGMA quick_check(1)")) {
      if (!result.next() || !"ok".equals(result.getString(1))) {
        throw new SQLiteException("quick_check found damage", SQLiteErrorCode.SQLITE_CORRUPT);
      }
    }
  }

  /** 0 for an empty database. */
  private static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet tables =
            statement.executeQuery(
                "SELECT count(*) FROM sqlite_master WHERE name = 'flyway_schema_history'")) {
      if (!tables.next() || tables.getInt(1) == 0) {
        return 0;
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet newest =
            statement.executeQuery(
                "SELECT max(CAST(version AS INTEGER)) FROM flyway_schema_history WHERE success")) {
      return newest.next() ? newest.getInt(1) : 0;
    }
  }

  private static void migrate(Path file) {
    Flyway.configure()
        .dataSource("jdbc:sqlite:" + file, "", "")
        .locations("classpath:io/dropserver/schema/state/migrations")
        .loggers("slf4j")
        .load()
        .migrate();
  }

  /** Damage of the file itself; a full disk or a missing permission is no reason to begin anew. */
  private static boolean isDamage(SQLException e) {
    return e instanceof SQLiteException sqlite
        && (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_NOTADB
            || (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_CORRUPT.code);
  }

  private static Path moveAside(Path file, Clock clock) {
    String suffix = ".damaged-" + clock.millis();
    try {
      // The log belongs to the damaged file: left behind it would be replayed into the new one. It
      // goes first, so that a crash in between leaves a damaged file that is moved again.
      for (String part : List.of("-wal", "-shm", "")) {
        Path from = file.resolveSibling(file.getFileName() + part);
        Path to = file.resolveSibling(file.getFileName() + suffix + part);
        if (Files.exists(from)) {
          Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return file.resolveSibling(file.getFileName() + suffix);
    } catch (IOException e) {
      throw new StateException(file + " is damaged and cannot be moved aside: " + e, e);
    }
  }

  private static StateException newer(Path file, int version) {
    return new StateException(
        file
            + " was written by a newer Dropserver (form "
            + version
            + ", this one knows up to "
            + NEWEST_MIGRATION
            + "); run that version again, or restore the state folder from before its upgrade");
  }

  private static StateException cannotOpen(Path file, SQLException e) {
    return new StateException(
        "the database "
            + file
            + " cannot be opened: "
            + e.getMessage()
            + "; check the folder's owner and the free space",
        e);
  }

  private static Settings settings() {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    return new Settings().withExecuteLogging(false).withRenderFormatted(false);
  }
}
