package io.dropserver.state;

import static io.dropserver.state.tables.Tables.SETTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDatabaseTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("state.db");
  }

  private StateDatabase open() {
    return StateDatabase.open(file(), Clock.systemUTC());
  }

  private static void put(StateDatabase database, String key, String value) {
    database.write(
        on -> on.insertInto(SETTING).set(SETTING.KEY, key).set(SETTING.VALUE, value).execute());
  }

  private static List<String> keys(StateDatabase database) {
    return database.read(on -> on.select(SETTING.KEY).from(SETTING).fetch(SETTING.KEY));
  }

  @Test
  void writtenDataSurvivesReopening() {
    try (StateDatabase database = open()) {
      assertThat(database.rebuilt()).isTrue();
      put(database, "served", "a1b2c3");
    }
    try (StateDatabase database = open()) {
      assertThat(database.rebuilt()).isFalse();
      assertThat(keys(database)).containsExactly("served");
      assertThat(database.transactions()).isZero();
    }
  }

  @Test
  void theNewestMigrationConstantMatchesTheFiles() throws Exception {
    try (var files =
        Files.list(
            Path.of(
                    StateDatabase.class
                        .getResource("/io/dropserver/state/migrations/V1__state.sql")
                        .toURI())
                .getParent())) {
      assertThat(files.mapToInt(f -> version(f.getFileName().toString())).max())
          .hasValue(StateDatabase.NEWEST_MIGRATION);
    }
  }

  private static int version(String name) {
    return Integer.parseInt(name.substring(1, name.indexOf("__")));
  }

  @Test
  void aDamagedFileIsKeptAsideAndANewDatabaseBegun() throws Exception {
    try (StateDatabase database = open()) {
      put(database, "served", "a1b2c3");
    }
    byte[] bytes = Files.readAllBytes(file());
    java.util.Arrays.fill(bytes, 0, Math.min(4096, bytes.length), (byte) 7);
    Files.write(file(), bytes);

    try (StateDatabase database = open()) {
      assertThat(database.rebuilt()).isTrue();
      assertThat(keys(database)).isEmpty();
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .anyMatch(name -> name.startsWith("state.db.damaged-"));
    }
  }

  @Test
  void aDatabaseOfANewerServerIsRefusedWithARemedy() throws Exception {
    open().close();
    migratedByANewerServer(99, 99);
    assertThatThrownBy(this::open)
        .isInstanceOf(StateException.class)
        .hasMessageContaining("newer Dropserver")
        .hasMessageContaining("99");
    assertThatThrownBy(() -> StateDatabase.openReadOnly(file()))
        .hasMessageContaining("newer Dropserver");
  }

  @Test
  void aDatabaseOfANewerServerWithoutADeclarationIsRefused() throws Exception {
    open().close();
    migratedByANewerServer(99, 0);
    assertThatThrownBy(this::open).hasMessageContaining("newer Dropserver");
  }

  @Test
  void aDatabaseOfACompatibleNewerServerIsUsedAsItIs() throws Exception {
    try (StateDatabase database = open()) {
      put(database, "served", "a1b2c3");
    }
    migratedByANewerServer(99, StateDatabase.NEWEST_MIGRATION);
    execute("ALTER TABLE setting ADD COLUMN added TEXT");
    execute("UPDATE setting SET added = 'new'");

    try (StateDatabase database = open();
        StateDatabase reader = StateDatabase.openReadOnly(file())) {
      put(database, "older", "wrote this");
      assertThat(keys(reader)).containsExactlyInAnyOrder("served", "older");
    }
    assertThat(number("SELECT max(CAST(version AS INTEGER)) FROM flyway_schema_history"))
        .as("the newer server finds its schema again")
        .isEqualTo(99);
    assertThat(number("PRAGMA user_version")).isEqualTo(StateDatabase.NEWEST_MIGRATION);
    assertThat(number("SELECT count(*) FROM setting WHERE added = 'new'")).isEqualTo(1);
  }

  @Test
  void theOldestCompatibleProgramIsRecordedAlsoInAnExistingDatabase() throws Exception {
    open().close();
    execute("PRAGMA user_version = 0");
    open().close();
    assertThat(number("PRAGMA user_version")).isEqualTo(StateDatabase.OLDEST_COMPATIBLE_MIGRATION);
  }

  /**
   * Compares what the previous release finds with its own schema: each column, with the same type,
   * and no new column that its INSERT statements would have to fill.
   */
  @Test
  void migrationsSinceThePreviousReleaseOnlyAdd() throws Exception {
    Map<String, Column> previous = columns(StateDatabase.OLDEST_COMPATIBLE_MIGRATION);
    Map<String, Column> newest = columns(StateDatabase.NEWEST_MIGRATION);
    assertThat(previous).hasSizeGreaterThan(50);
    assertThat(newest).containsAllEntriesOf(previous);
    Set<String> tables =
        previous.keySet().stream()
            .map(name -> name.substring(0, name.indexOf('.')))
            .collect(Collectors.toSet());
    newest.forEach(
        (name, column) -> {
          if (!previous.containsKey(name)
              && tables.contains(name.substring(0, name.indexOf('.')))) {
            assertThat(column.required()).as(name + " must be filled").isFalse();
          }
        });
  }

  private record Column(String type, boolean required) {}

  /** Returns the columns of the schema after the migrations up to a number, by table and name. */
  private Map<String, Column> columns(int migration) throws Exception {
    String url = "jdbc:sqlite:" + folder.resolve("schema" + migration + ".db");
    Flyway.configure()
        .dataSource(url, "", "")
        .locations("classpath:io/dropserver/state/migrations")
        .target(String.valueOf(migration))
        .load()
        .migrate();
    Map<String, Column> columns = new TreeMap<>();
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT t.name, c.name, c.type, c.\"notnull\" AND c.dflt_value IS NULL"
                    + " FROM sqlite_master t, pragma_table_info(t.name) c"
                    + " WHERE t.type = 'table' AND t.name <> 'flyway_schema_history'")) {
      while (row.next()) {
        columns.put(
            row.getString(1) + "." + row.getString(2),
            new Column(row.getString(3), row.getBoolean(4)));
      }
    }
    return columns;
  }

  private void migratedByANewerServer(int version, int oldestCompatible) throws Exception {
    execute(
        "UPDATE flyway_schema_history SET version = '"
            + version
            + "' WHERE installed_rank = (SELECT max(installed_rank) FROM flyway_schema_history)");
    execute("PRAGMA user_version = " + oldestCompatible);
  }

  private void execute(String sql) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private int number(String sql) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement();
        var result = statement.executeQuery(sql)) {
      return result.next() ? result.getInt(1) : -1;
    }
  }

  @Test
  void aReadOnlyConnectionSeesWritesOfTheServer() {
    try (StateDatabase server = open();
        StateDatabase reader = StateDatabase.openReadOnly(file())) {
      put(server, "served", "a1b2c3");
      assertThat(keys(reader)).containsExactly("served");
      assertThatThrownBy(() -> put(reader, "x", "y")).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void writesOfManyThreadsShareTransactions() throws Exception {
    try (StateDatabase database = open();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Object>> writes =
          IntStream.range(0, 500)
              .mapToObj(i -> Executors.callable(() -> put(database, "key" + i, "v")))
              .toList();
      for (var write : threads.invokeAll(writes)) {
        write.get();
      }
      assertThat(keys(database)).hasSize(500);
      assertThat(database.transactions()).isLessThan(500);
    }
  }

  @Test
  void aFailingWriteFailsAloneAmongThoseItShareATransactionWith() throws Exception {
    try (StateDatabase database = open();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Boolean>> writes =
          IntStream.range(0, 200)
              .mapToObj(
                  i ->
                      (Callable<Boolean>)
                          () -> {
                            try {
                              put(database, i % 50 == 0 ? "same" : "key" + i, "v");
                              return true;
                            } catch (RuntimeException e) {
                              return false;
                            }
                          })
              .toList();
      int failed = 0;
      for (var write : threads.invokeAll(writes)) {
        failed += write.get() ? 0 : 1;
      }
      assertThat(failed).isEqualTo(3);
      assertThat(keys(database)).hasSize(197);
    }
  }
}
