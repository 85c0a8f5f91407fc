package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.control.ControlException;
import io.dropserver.web.control.BackupClient;
import io.dropserver.web.control.ControlClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the server, its restic, or both at random times of backups, restores and migrations in both
 * directions.
 */
class KilledBackupsTest {
  private static final String MIGRATE =
      """
      const back = Deno.env.get("DROPSERVER_MIGRATE_TO_SCHEMA") === "1";
      await Deno.rename(back ? "pages" : "notes", back ? "notes" : "pages");
      """;

  @TempDir private Path folder;

  private enum Victim {
    SERVER,
    RESTIC,
    BOTH
  }

  private enum InterruptedWork {
    BACKUP,
    RESTORE,
    CHANGE_OF_VERSION
  }

  /** A consistent state of the garden: a version and the data of that version. */
  private record Whole(String front, String tree) {}

  @Test
  void sixKillsLeaveOldOrNewDataWhole() throws Exception {
    kill(6, 7);
  }

  @Test
  @Tag("long")
  void aHundredKillsLeaveOldOrNewDataWhole() throws Exception {
    kill(100, new Random().nextLong());
  }

  private void kill(int kills, long seed) throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Random random = new Random(seed);
    Map<String, Integer> struck = new TreeMap<>();
    long start = System.nanoTime();
    try (LiveInstance instance = LiveInstance.create(folder)) {
      declare(instance);
      instance.start();
      instance.sync();
      instance.get("garden", "/write?one");
      Whole first = garden(instance);
      changeVersion(instance);
      instance.sync();
      Whole second = garden(instance);
      assertThat(second.tree()).isNotEqualTo(first.tree());
      for (int i = 0; i < kills; i++) {
        Victim victim = Victim.values()[random.nextInt(Victim.values().length)];
        InterruptedWork interruptedWork =
            InterruptedWork.values()[i % InterruptedWork.values().length];
        String what = "seed %d, kill %d: %s during %s".formatted(seed, i, victim, interruptedWork);
        Thread working = begin(instance, interruptedWork);
        TimeUnit.MILLISECONDS.sleep(
            random.nextInt(interruptedWork == InterruptedWork.BACKUP ? 800 : 2500));
        boolean atWork = working.isAlive();
        int restics = strike(instance, victim);
        working.join();
        struck.merge(interruptedWork + (atWork ? "" : " (was done)"), 1, Integer::sum);
        struck.merge("RESTIC PROCESSES", restics, Integer::sum);
        if (victim != Victim.RESTIC) {
          instance.start();
        }
        instance.sync();
        assertThat(garden(instance)).as(what).isIn(first, second);
      }
      assertThat(
              run(instance, new BackupOrder(BackupVerb.CHECK, none(), none(), none(), List.of())))
          .as("restic check of all data")
          .isEmpty();
      assertThat(run(instance, ofGarden(BackupVerb.NOW, none()))).isEmpty();
      System.out.printf(
          "seed %d: %d kills %s, %d s%n",
          seed, kills, struck, Duration.ofNanos(System.nanoTime() - start).toSeconds());
    }
  }

  private static void declare(LiveInstance instance) throws IOException {
    ConfigRepository repository = instance.repository();
    KeeperApp.instance(repository, "garden");
    KeeperApp.write(repository, "apps/one", "1.0.0", ", \"schema\": 1", "version 1.0.0");
    KeeperApp.write(
        repository,
        "apps/two",
        "2.0.0",
        ", \"schema\": 2, \"migrate\": \"migrate.ts\", \"migrations\": [{\"direction\": \"down\","
            + " \"schema\": 2}]",
        "version 2.0.0");
    repository.write("apps/two/migrate.ts", MIGRATE);
    repository.replace(
        "instance.yaml",
        "source: {path: apps/one}}",
        "source: {path: apps/one}}\n    - {version: 2.0.0, source: {path: apps/two}}");
    repository.push("Begin");
  }

  private static Whole garden(LiveInstance instance) throws Exception {
    await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> instance.get("garden", "/").statusCode() == 200);
    return new Whole(instance.get("garden", "/").body(), instance.get("garden", "/tree").body());
  }

  private static Thread begin(LiveInstance instance, InterruptedWork interruptedWork)
      throws IOException {
    return switch (interruptedWork) {
      case BACKUP -> started(() -> run(instance, ofGarden(BackupVerb.NOW, none())));
      case RESTORE ->
          started(() -> run(instance, ofGarden(BackupVerb.RESTORE, Optional.of("latest"))));
      case CHANGE_OF_VERSION -> {
        changeVersion(instance);
        ControlClient control = instance.control();
        yield started(() -> sync(control));
      }
    };
  }

  private static Thread started(Runnable work) {
    return Thread.ofVirtual().start(work);
  }

  private static void changeVersion(LiveInstance instance) throws IOException {
    Path file = instance.repository().workingCopy().resolve("appspaces/garden.yaml");
    boolean first = Files.readString(file).contains("version: 1.0.0");
    instance
        .repository()
        .write("appspaces/garden.yaml", KeeperApp.appspace("garden", first ? "2.0.0" : "1.0.0"))
        .push("Another version");
  }

  private static void sync(ControlClient control) {
    try {
      control.sync(Optional.empty(), Optional.of(LiveInstance.TIMEOUT));
    } catch (RuntimeException killed) {
      // Expected: the server or restic was killed.
    }
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  private static BackupOrder ofGarden(BackupVerb verb, Optional<String> snapshot) {
    return new BackupOrder(verb, Optional.of("garden"), snapshot, none(), List.of());
  }

  /** Returns the error, or empty if it succeeded. */
  private static Optional<String> run(LiveInstance instance, BackupOrder order) {
    try {
      new BackupClient(instance.state()).run(order, step -> {});
      return Optional.empty();
    } catch (ControlException | ControlClient.NotRunning | UncheckedIOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Kills the victim. Returns the number of killed restic processes. */
  private static int strike(LiveInstance instance, Victim victim) {
    int restics = 0;
    if (victim != Victim.SERVER) {
      for (ProcessHandle child :
          ProcessHandle.of(instance.server().pid()).stream()
              .flatMap(ProcessHandle::descendants)
              .filter(c -> c.info().command().filter(p -> p.endsWith("restic")).isPresent())
              .toList()) {
        restics += child.destroyForcibly() ? 1 : 0;
      }
    }
    if (victim != Victim.RESTIC) {
      instance.server().kill();
    }
    return restics;
  }
}
