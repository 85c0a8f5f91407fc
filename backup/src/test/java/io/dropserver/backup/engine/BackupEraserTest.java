package io.dropserver.backup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests with a real restic. The id of a blob is the SHA-256 of its content. */
@Timeout(120)
@Tag("slow")
class BackupEraserTest {
  @TempDir Path folder;
  private BackupFolders folders;

  @BeforeEach
  void begin() {
    folders = new BackupFolders(folder.resolve("backups"));
    folders.prepare();
    folders.ensurePassword();
  }

  private BackupEngine open(Runnable duringPause) {
    return new BackupEngine(
        folders,
        new ResticRepository(
            new RepositorySettings(
                folders.repository().toString(),
                folders.password(),
                Optional.empty(),
                folders.cache())),
        new PlainAccess(duringPause),
        Clock.systemUTC());
  }

  private BackupSource source(String appspace) throws IOException {
    return new BackupSource(
        appspace,
        "data-of-" + appspace,
        Files.createDirectories(folder.resolve(appspace)),
        1 << 30,
        new BackupSource.AppspaceDeclaration(
            "weather", "1.0.0", "content", "path", "alice", new TreeMap<>(), "abc"));
  }

  private static boolean isOfGarden(ResticSnapshot snapshot) {
    return snapshot.tags().contains("appspace:garden");
  }

  private static byte[] random(int bytes) {
    byte[] random = new byte[bytes];
    new SecureRandom().nextBytes(random);
    return random;
  }

  private static String blob(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private String restic(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("restic", "--no-cache", "--repo", folders.repository().toString()));
    command.addAll(List.of("--password-file", folders.password().toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /**
   * The pack of the erased data is in use by another appspace, and has the size from which restic
   * by default leaves a small share of unused data in it.
   */
  @Test
  void noSnapshotAndNoByteOfTheDataRemains() throws Exception {
    byte[] marker = random(50_000);
    byte[] earlier = random(50_000);
    byte[] shared = random(40_000_000);
    try (BackupEngine engine = open(() -> {})) {
      BackupSource garden = source("garden");
      Files.write(garden.files().resolve("marker"), earlier);
      Files.write(garden.files().resolve("shared"), shared);
      engine.backUp(garden, ProgressListener.NONE);
      Files.write(garden.files().resolve("marker"), marker);
      engine.backUp(garden, ProgressListener.NONE);
      BackupSource kitchen = source("kitchen");
      Files.write(kitchen.files().resolve("copy"), shared);
      engine.backUp(kitchen, ProgressListener.NONE);
      assertThat(restic("list", "blobs")).contains(blob(marker), blob(earlier));
      assertThat(restic("find", "marker")).contains("marker");

      assertThat(engine.erase(Set.of(), BackupEraserTest::isOfGarden)).hasSize(2);
      assertThat(engine.list())
          .extracting(each -> each.tag("appspace"))
          .containsExactly(Optional.of("kitchen"));
      assertThat(restic("list", "blobs")).doesNotContain(blob(marker), blob(earlier));
      assertThat(restic("find", "marker")).doesNotContain("marker");
      restic("check", "--read-data");
      assertThat(folders.mirror("data-of-garden")).doesNotExist();
      assertThat(folders.mirror("data-of-kitchen")).exists();
      Path restored = folder.resolve("restored");
      engine.restore(engine.find("latest", "kitchen"), List.of(), restored, ProgressListener.NONE);
      assertThat(restored.resolve("copy")).hasBinaryContent(shared);
    }
  }

  /** An earlier erasure was interrupted between the removal of the snapshots and that of data. */
  @Test
  void anInterruptedErasureIsCompletedByRepeatingIt() throws Exception {
    byte[] marker = random(50_000);
    try (BackupEngine engine = open(() -> {})) {
      BackupSource garden = source("garden");
      Files.write(garden.files().resolve("marker"), marker);
      String snapshot = engine.backUp(garden, ProgressListener.NONE).snapshot();
      engine.repository().forget(List.of(snapshot));
      assertThat(restic("list", "blobs")).contains(blob(marker));
      assertThat(engine.erase(Set.of("data-of-garden"), BackupEraserTest::isOfGarden)).isEmpty();
      assertThat(restic("list", "blobs")).doesNotContain(blob(marker));
      assertThat(folders.mirror("data-of-garden")).doesNotExist();
    }
  }

  @Test
  void aRunningBackupOfTheDataEndsBeforeTheErasureBegins() throws Exception {
    CountDownLatch copying = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Runnable pause =
        () -> {
          copying.countDown();
          try {
            finish.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (BackupEngine engine = open(pause);
        var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      BackupSource garden = source("garden");
      Files.write(garden.files().resolve("marker"), random(1000));
      var backup = threads.submit(() -> engine.backUp(garden, ProgressListener.NONE));
      copying.await();
      List<Thread> eraser = new ArrayList<>();
      CountDownLatch started = new CountDownLatch(1);
      var erasure =
          threads.submit(
              () -> {
                eraser.add(Thread.currentThread());
                started.countDown();
                return engine.erase(Set.of("data-of-garden"), BackupEraserTest::isOfGarden);
              });
      try {
        started.await();
        await().until(() -> isWaitingForLock(eraser.getFirst()));
        assertThat(erasure.isDone()).isFalse();
      } finally {
        finish.countDown();
      }
      assertThat(erasure.get())
          .extracting(ResticSnapshot::id)
          .containsExactly(backup.get().snapshot());
      assertThat(engine.list()).isEmpty();
    }
  }

  private static boolean isWaitingForLock(Thread thread) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getMethodName().equals("lockInterruptibly")) {
        return thread.getState() == Thread.State.WAITING;
      }
    }
    return false;
  }
}
