package io.dropserver.backup.restic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs every command of a repository with the restic of Debian 12 (0.14) and of Ubuntu 24.04
 * (0.16), which {@code tools/older-restic} downloads from the distributions' archives.
 */
@Tag("slow")
@Timeout(300)
class OlderResticTest {
  /** The status of {@code tools/older-restic} where the archive's signature cannot be checked. */
  private static final int UNAVAILABLE = 75;

  private static final List<String> GROUP = List.of("appspace:garden");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"bookworm", "noble"})
  void everyCommandWorksWithAnOlderRestic(String suite) throws Exception {
    Path restic = older(suite);
    try (ResticRepository repository = repository(restic, "right")) {
      assertThatThrownBy(() -> repository.open(false))
          .extracting(e -> ((BackupException) e).reason())
          .isEqualTo(BackupReason.REPOSITORY_UNREACHABLE);
      repository.open(true);
      repository.open(false);

      Path mirror = mirror();
      String first = store(repository, mirror);
      Files.writeString(mirror.resolve("data/a"), "two");
      String second = store(repository, mirror);

      assertThat(repository.snapshots())
          .extracting(ResticSnapshot::id)
          .containsExactly(second, first);
      assertRestored(repository, first, second);
      assertThat(repository.planRetention(GROUP, Map.of("last", 1)).removed())
          .extracting(ResticSnapshot::id)
          .containsExactly(first);
      assertLockIsReported(repository, restic, first);
      repository.prune();
      repository.pruneAll();
      repository.check(Optional.of("100%"));
      for (int part = 1; part <= ResticRepository.PARTS; part++) {
        repository.checkPart(part);
      }
      assertThat(repository.bytes()).isPositive();
      assertThatThrownBy(() -> repository.read(first, "manifest.json"))
          .extracting(e -> ((BackupException) e).reason())
          .isEqualTo(BackupReason.NO_SUCH_SNAPSHOT);
    }
    assertAnotherPasswordIsRefused(restic);
  }

  @Test
  void theTrialOfDoctorPassesWithThisMachinesResticAndRefusesAnOlderOne() throws Exception {
    assertThat(ResticTrial.run(Files.createDirectory(folder.resolve("one")))).matches("[0-9.]+");
    Path ancient = Files.writeString(folder.resolve("restic"), "#!/bin/sh\necho restic 0.13.1\n");
    Files.setPosixFilePermissions(ancient, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThatThrownBy(
            () ->
                ResticTrial.run(
                    Files.createDirectory(folder.resolve("two")),
                    new ResticProgram(() -> Optional.of(ancient))))
        .hasMessageContaining("restic 0.13.1")
        .hasMessageContaining("needs restic 0.14.0 or newer");
  }

  private void assertRestored(ResticRepository repository, String first, String second)
      throws IOException {
    assertThat(repository.read(first, "manifest.json")).isEqualTo("{}\n");
    repository.readAll(second);
    Path tar = folder.resolve("all.tar");
    repository.archive(second, tar);
    assertThat(Files.readString(tar, StandardCharsets.ISO_8859_1)).contains("data/a", "two");

    Path whole = folder.resolve("whole");
    repository.restore(first, "data", List.of(), whole, ProgressListener.NONE);
    assertThat(whole.resolve("a")).hasContent("one");
    assertThat(whole.resolve("d/[b]")).hasContent("b");
    assertThat(whole.resolve("manifest.json")).doesNotExist();

    assertAnyNameIsRead(repository, second);
    Path part = folder.resolve("part");
    List<String> paths = List.of(ResticRepository.pattern("d/[b]"));
    repository.restore(second, "data", paths, part, ProgressListener.NONE);
    assertThat(part.resolve("d/[b]")).hasContent("b");
    assertThat(part.resolve("a")).doesNotExist();
    assertThat(folder.resolve("part.restic")).doesNotExist();
  }

  /** The name is not UTF-8. A reader may end restic before the end of the file. */
  private void assertAnyNameIsRead(ResticRepository repository, String snapshot) {
    byte[] start = new byte[2];
    repository.readFile(
        snapshot, "data/d/\u00ff\n", content -> content.readNBytes(start, 0, 2) == 2);
    assertThat(start).asString().isEqualTo("od");

    Path odd = folder.resolve("odd");
    List<String> patterns =
        List.of("d/\u00ff\n", "d/link", "d/empty").stream()
            .map(ResticRepository::patternOfLatin)
            .toList();
    repository.restore(snapshot, "data", patterns, odd, ProgressListener.NONE);
    assertThat(odd.resolve("d/empty")).isEmptyDirectory();
    assertThat(odd.resolve("d/link")).isSymbolicLink();
    assertThat(odd.resolve("d").toFile().list()).hasSize(3);
  }

  /** Another restic holds the lock, as a check by a person does. */
  private void assertLockIsReported(ResticRepository repository, Path restic, String snapshot)
      throws Exception {
    Process other =
        new ProcessBuilder(
                restic.toString(),
                "--no-cache",
                "--repo",
                folder.resolve("repository").toString(),
                "--password-file",
                password("right").toString(),
                "backup",
                "--stdin")
            .start();
    try {
      Path locks = folder.resolve("repository/locks");
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (isEmpty(locks) && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThatThrownBy(repository::prune)
          .extracting(e -> ((BackupException) e).reason())
          .isEqualTo(BackupReason.REPOSITORY_LOCKED);
    } finally {
      other.destroyForcibly().waitFor();
    }
    // The lock of a dead process is stale.
    repository.forget(List.of(snapshot));
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private void assertAnotherPasswordIsRefused(Path restic) throws IOException {
    try (ResticRepository repository = repository(restic, "wrong")) {
      assertThatThrownBy(() -> repository.open(false))
          .extracting(e -> ((BackupException) e).reason())
          .isEqualTo(BackupReason.WRONG_PASSWORD);
    }
  }

  private String store(ResticRepository repository, Path mirror) {
    try (PendingBackup pending =
        repository.begin(mirror, folder.resolve("gate"), GROUP, ProgressListener.NONE)) {
      return pending.store();
    }
  }

  private Path mirror() throws IOException {
    Path mirror = Files.createDirectories(folder.resolve("mirror"));
    Files.createDirectories(mirror.resolve("data/d"));
    Files.writeString(mirror.resolve("manifest.json"), "{}");
    Files.writeString(mirror.resolve("data/a"), "one");
    Files.writeString(mirror.resolve("data/d/[b]"), "b");
    Files.createDirectories(mirror.resolve("data/d/empty"));
    Files.createSymbolicLink(mirror.resolve("data/d/link"), Path.of("nowhere"));
    String odd = "echo odd > $'\\xff\\n'";
    Process shell =
        new ProcessBuilder("bash", "-ec", odd).directory(mirror.resolve("data/d").toFile()).start();
    assertThat(shell.onExit().join().exitValue()).isZero();
    return mirror;
  }

  private ResticRepository repository(Path restic, String password) throws IOException {
    return new ResticRepository(
        new RepositorySettings(
            folder.resolve("repository").toString(),
            password(password),
            Optional.empty(),
            Files.createDirectories(folder.resolve("cache"))),
        new ResticProgram(() -> Optional.of(restic)));
  }

  private Path password(String password) throws IOException {
    return Files.writeString(folder.resolve(password), password);
  }

  private static Path older(String suite) throws IOException, InterruptedException {
    Process script =
        new ProcessBuilder("../tools/older-restic", suite)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String path = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = script.waitFor();
    Assumptions.assumeTrue(status != UNAVAILABLE, "this system has no key of that archive");
    assertThat(status).isZero();
    return Path.of(path.strip());
  }
}
