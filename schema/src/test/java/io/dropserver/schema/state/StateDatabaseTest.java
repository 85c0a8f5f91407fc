package io.dropserver.schema.state;

import static io.dropserver.schema.state.tables.Tables.SETTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
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
                        .getResource("/io/dropserver/schema/state/migrations/V1__state.sql")
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
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE flyway_schema_history SET version = '99'");
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(StateException.class)
        .hasMessageContaining("newer Dropserver")
        .hasMessageContaining("99");
    assertThatThrownBy(() -> StateDatabase.openReadOnly(file()))
        .hasMessageContaining("newer Dropserver");
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
