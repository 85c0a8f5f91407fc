package io.dropserver.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/** Connects to the file of a database, checks its integrity, and migrates its schema. */
record DatabaseFile(Path file) {
  private static final String NATIVE_FOLDER = "org.sqlite.tmpdir";
  private static final long MIN_FREE_BYTES = 4L << 20;

  /**
   * Codes of I/O errors that may mean a full disk. They occur while SQLite extends the shared
   * memory or flushes delayed writes.
   */
  private static final Set<SQLiteErrorCode> NO_SPACE =
      Set.of(
          SQLiteErrorCode.SQLITE_IOERR_SHMSIZE,
          SQLiteErrorCode.SQLITE_IOERR_SHMMAP,
          SQLiteErrorCode.SQLITE_IOERR_WRITE,
          SQLiteErrorCode.SQLITE_IOERR_FSYNC,
          SQLiteErrorCode.SQLITE_IOERR_TRUNCATE);

  Connection connect(boolean readOnly) throws SQLException {
    useWritableFolder();
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(10_000);
    config.enforceForeignKeys(true);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    if (readOnly) {
      config.setReadOnly(true);
      config.resetOpenMode(SQLiteOpenMode.CREATE);
    } else {
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
      // FULL: in WAL mode, NORMAL may lose the last commits in a power failure, and with them a
      // uid.
      config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    }
    return config.createConnection("jdbc:sqlite:" + file);
  }

  /**
   * Lets the driver unpack its native library beside the database if the temporary folder cannot be
   * written, as with a read-only root file system. The driver reads the property once.
   */
  private void useWritableFolder() {
    if (System.getProperty(NATIVE_FOLDER) == null
        && !Files.isWritable(Path.of(System.getProperty("java.io.tmpdir", "/tmp")))) {
      System.setProperty(NATIVE_FOLDER, file.toAbsolutePath().resolveSibling("").toString());
    }
  }

  static void check(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("PRAGMA quick_check(1)")) {
      if (!result.next() || !"ok".equals(result.getString(1))) {
        throw new SQLiteException("quick_check found damage", SQLiteErrorCode.SQLITE_CORRUPT);
      }
    }
  }

  /** Returns the number of the newest applied migration, or 0 for an empty database. */
  static int version(Connection connection) throws SQLException {
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

  /**
   * Returns whether the program that migrated the database declared that a program with the given
   * newest migration can read and write it.
   */
  boolean supportsPrograms(Connection connection, int newest) throws SQLException {
    int oldest = oldestCompatible(connection);
    return oldest > 0 && oldest <= newest;
  }

  /**
   * Records the newest migration of the oldest program that can read and write the database, in
   * SQLite's user_version. In a database without this record it is 0.
   */
  void writeOldestCompatible(Connection connection, int migration) throws SQLException {
    if (oldestCompatible(connection) == migration) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA user_version = " + migration);
    }
  }

  private static int oldestCompatible(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("PRAGMA user_version")) {
      return result.next() ? result.getInt(1) : 0;
    }
  }

  void migrate() {
    Flyway.configure()
        .dataSource("jdbc:sqlite:" + file, "", "")
        .locations("classpath:io/dropserver/state/migrations")
        .loggers("slf4j")
        .load()
        .migrate();
  }

  /**
   * Returns whether the file itself is damaged. After a full disk or a missing permission, the
   * server must not start with an empty database.
   */
  static boolean isDamage(SQLException e) {
    return e instanceof SQLiteException sqlite
        && (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_NOTADB
            || (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_CORRUPT.code);
  }

  /**
   * Returns whether a write failed for lack of space. SQLite reports some of these cases as I/O
   * errors.
   */
  boolean isDiskFull(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof SQLiteException sqlite) {
        SQLiteErrorCode code = sqlite.getResultCode();
        if (code == SQLiteErrorCode.SQLITE_FULL) {
          return true;
        }
        if (NO_SPACE.contains(code)) {
          return disk().free() < MIN_FREE_BYTES;
        }
      }
    }
    return false;
  }

  private DiskSpace disk() {
    return DiskSpace.of(file.toAbsolutePath().resolveSibling(".").normalize());
  }

  StateException diskFull(Throwable e) {
    return new StateException(
        "nothing can be written to " + file + ", because " + disk().remedy() + ", then try again",
        e);
  }

  /**
   * Renames the damaged database and its log.
   *
   * @return the new path of the database
   */
  Path moveAside(Clock clock) {
    String suffix = ".damaged-" + clock.millis();
    try {
      // The log belongs to the damaged file: left behind, it would be replayed into the new one. It
      // is moved first, so that after a crash in between, the damaged file is still there and is
      // moved again.
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

  StateException newerVersion(int version, int newest) {
    return new StateException(
        file
            + " was written by a newer Dropserver (schema version "
            + version
            + "; this Dropserver supports up to "
            + newest
            + "); run the newer version again, or restore the state folder from before its"
            + " upgrade");
  }

  StateException cannotOpen(SQLException e) {
    return isDiskFull(e)
        ? diskFull(e)
        : new StateException(
            "the database "
                + file
                + " cannot be opened: "
                + e.getMessage()
                + "; check the owner of the folder and the free space",
            e);
  }
}
