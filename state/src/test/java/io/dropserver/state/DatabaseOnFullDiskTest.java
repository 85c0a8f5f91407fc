package io.dropserver.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.state.tables.Tables;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the database on a file system that is really full. Needs root to mount one. */
final class DatabaseOnFullDiskTest {
  private static final long MEBIBYTE = 1L << 20;

  @TempDir Path disk;

  private Path file = Path.of("");

  @BeforeEach
  void mount() throws Exception {
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.toString()),
        "a file system can be mounted");
    file = disk.resolve("state.db");
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", disk.toString());
  }

  @Test
  void theBallastGivesWayToWrites() throws IOException {
    Ballast ballast = Ballast.inFolderOf(file);
    ballast.fill();
    assertThat(Files.size(ballast.file())).isEqualTo(8 * MEBIBYTE);
    try (StateDatabase database = StateDatabase.open(file, Clock.systemUTC())) {
      fill();

      for (int i = 0; i < 300; i++) {
        set(database, "key" + i);
      }

      assertThat(keys(database)).hasSize(300);
    }
    assertThat(Files.size(ballast.file())).isLessThan(8 * MEBIBYTE).isGreaterThan(0);
  }

  @Test
  void aFullDiskOpensWithTheBallast() throws IOException {
    StateDatabase.open(file, Clock.systemUTC()).close();
    Ballast.inFolderOf(file).fill();
    fill();

    try (StateDatabase database = StateDatabase.open(file, Clock.systemUTC())) {
      set(database, "after");
      assertThat(keys(database)).containsExactly("after");
    }
  }

  @Test
  void withoutBallastTheMessageNamesTheDiskAndTheBytesAndSpaceIsEnoughToGoOn() throws IOException {
    try (StateDatabase database = StateDatabase.open(file, Clock.systemUTC())) {
      Path filler = fill();

      assertThatThrownBy(() -> setMany(database))
          .isInstanceOf(StateException.class)
          .hasMessageContaining("the disk of " + disk)
          .hasMessageContaining("is full")
          .hasMessageContaining("free at least 48 MiB");

      Files.delete(filler);
      set(database, "after");
      assertThat(keys(database)).contains("after");
    }
  }

  @Test
  void halfOfTheBallastMakesRoomForOtherFilesOfTheServer() throws IOException {
    Ballast ballast = Ballast.inFolderOf(file);
    ballast.fill();
    for (int i = 0; i < 5; i++) {
      fill("filler" + i);
      ballast.releaseIfDiskFull();
    }

    assertThat(Files.size(ballast.file())).isEqualTo(4 * MEBIBYTE);
  }

  @Test
  void theBallastLeavesTheReserveAlone() throws IOException {
    Files.write(disk.resolve("much"), new byte[(int) (30 * MEBIBYTE)]);

    Ballast.inFolderOf(file).fill();

    assertThat(Ballast.inFolderOf(file).file()).doesNotExist();
  }

  private static void setMany(StateDatabase database) {
    for (int i = 0; i < 10_000; i++) {
      set(database, "key" + i + "x".repeat(1000));
    }
  }

  private static void set(StateDatabase database, String key) {
    database.write(
        on ->
            on.insertInto(Tables.SETTING)
                .set(Tables.SETTING.KEY, key)
                .set(Tables.SETTING.VALUE, "v".repeat(1000))
                .execute());
  }

  private static List<String> keys(StateDatabase database) {
    return database.read(
        on -> on.select(Tables.SETTING.KEY).from(Tables.SETTING).fetch(Tables.SETTING.KEY));
  }

  private Path fill() throws IOException {
    return fill("filler");
  }

  private Path fill(String name) throws IOException {
    Path filler = disk.resolve(name);
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
    return filler;
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }
}
