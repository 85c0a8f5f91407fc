package io.dropserver.backup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.schema.instance.BackupPolicy.Keep;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests with a real restic. */
@Timeout(120)
@Tag("slow")
class BackupEngineTest {
  @TempDir Path folder;
  private BackupFolders folders;
  private Path files;
  private BackupEngine backupEngine;

  /** Plain folders, without a process that could write to them. */
  private static final DataAccess PLAIN = new PlainAccess(() -> {});

  @BeforeEach
  void begin() throws IOException {
    folders = new BackupFolders(folder.resolve("backups"));
    folders.prepare();
    folders.ensurePassword();
    files = Files.createDirectory(folder.resolve("files"));
    backupEngine = open();
  }

  private BackupEngine open() {
    return open(PLAIN);
  }

  private BackupEngine open(DataAccess access) {
    return new BackupEngine(
        folders,
        new ResticRepository(
            new RepositorySettings(
                folders.repository().toString(),
                folders.password(),
                Optional.empty(),
                folders.cache())),
        access,
        Clock.systemUTC());
  }

  @AfterEach
  void end() {
    backupEngine.close();
  }

  private BackupSource subject() {
    return subject("1.0.0");
  }

  private BackupSource subject(String version) {
    return new BackupSource(
        "garden",
        "id1",
        files,
        1 << 30,
        new BackupSource.AppspaceDeclaration(
            "weather", version, "content", "path apps/weather", "alice", new TreeMap<>(), "abc"));
  }

  private ResticSnapshot latest() {
    return backupEngine.find("latest", "garden");
  }

  @Test
  void restoreReturnsTheBackedUpBytes() throws Exception {
    Files.writeString(files.resolve("a"), "one");
    Files.createDirectory(files.resolve("d"));
    Files.write(files.resolve("d/b"), new byte[3_000_000]);
    BackupReport report = backupEngine.backUp(subject(), ProgressListener.NONE);
    assertThat(report.files()).isEqualTo(2);
    assertThat(backupEngine.backUp(subject(), ProgressListener.NONE).copiedBytes()).isZero();
    Path target = folder.resolve("restored");
    BackupManifest backupManifest =
        backupEngine.restore(latest(), List.of(), target, ProgressListener.NONE);
    assertThat(backupManifest.app()).isEqualTo("weather");
    assertThat(backupManifest.revision()).isEqualTo("abc");
    assertThat(Files.mismatch(files.resolve("a"), target.resolve("a"))).isEqualTo(-1);
    assertThat(Files.mismatch(files.resolve("d/b"), target.resolve("d/b"))).isEqualTo(-1);
    assertThat(target.toFile().list()).containsExactlyInAnyOrder("a", "d");
    assertThat(backupEngine.verify(latest(), ProgressListener.NONE))
        .isEqualTo(new Verification(2, 3_000_003, 3_000_003));
  }

  @Test
  void resticReadsNothingBeforeTheCopyIsWhole() throws Exception {
    Files.writeString(files.resolve("early"), "one");
    Runnable late =
        () -> {
          awaitRestic();
          write("late", "two");
        };
    try (BackupEngine slow = open(new PlainAccess(late))) {
      slow.backUp(subject(), ProgressListener.NONE);
    }
    Path target = folder.resolve("restored");
    BackupManifest backupManifest =
        backupEngine.restore(latest(), List.of(), target, ProgressListener.NONE);
    assertThat(backupManifest.files()).isEqualTo(2);
    assertThat(target.resolve("late")).hasContent("two");
  }

  @Test
  void aFailedCopyEndsResticAndCreatesNoSnapshot() {
    Runnable broken =
        () -> {
          awaitRestic();
          throw new BackupException(BackupReason.SOURCE_UNREADABLE, "it is broken");
        };
    write("early", "one");
    try (BackupEngine failing = open(new PlainAccess(broken))) {
      assertThatThrownBy(() -> failing.backUp(subject(), ProgressListener.NONE))
          .hasMessageContaining("it is broken");
    }
    assertThat(restics()).isEmpty();
    assertThat(backupEngine.list()).isEmpty();
    assertThat(backupEngine.backUp(subject(), ProgressListener.NONE).files()).isEqualTo(1);
    backupEngine.repository().check(Optional.of("100%"));
  }

  /** Waits until restic has its lock, and would have had time to read a small folder. */
  private void awaitRestic() {
    Path locks = folders.repository().resolve("locks");
    try {
      while (Objects.requireNonNull(locks.toFile().list()).length == 0) {
        Thread.sleep(10);
      }
      Thread.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<ProcessHandle> restics() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().filter(p -> p.endsWith("restic")).isPresent())
        .toList();
  }

  private void write(String name, String content) {
    try {
      Files.writeString(files.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Covers files that an app cannot create inside Deno, but could after an escape from it. */
  @Test
  void oddNamesLinksAndSparseFilesAreRestoredUnchanged() throws Exception {
    shell(
        """
        mkdir -p deep/er $'folder-\\xff'
        echo kept > $'bad-\\xff\\xfe'; echo kept > $'folder-\\xff/in-\\x80'; echo kept > $'of\\ntwo lines'
        echo kept > ' -leading'; echo kept > '[1]*?'; echo kept > "$(printf 'n%.0s' {1..255})"
        ln -s /etc/passwd out; ln -s nowhere deep/dangling; ln -s nowhere $'link-\\xff'
        ln ' -leading' deep/er/second; truncate -s 3M deep/er/sparse; echo end >> deep/er/sparse
        """);
    String before = listing(files);
    assertThat(before).contains("bad-\u00ff\u00fe f", "in-\u0080", "two lines f");
    shell(
        "mkfifo deep/fifo; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'");
    assertThat(backupEngine.backUp(subject(), ProgressListener.NONE).skippedCount()).isEqualTo(2);
    Path target = folder.resolve("restored");
    backupEngine.restore(latest(), List.of(), target, ProgressListener.NONE);
    assertThat(listing(target)).isEqualTo(before);
  }

  @Test
  void aLinkTargetThatIsNotUtf8IsRestoredUnchanged() throws Exception {
    Process version = new ProcessBuilder("restic", "version").start();
    String release = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Assumptions.assumeFalse(release.startsWith("restic 0.14"), "restic 0.14 changes the target");
    shell("ln -s $'to-\\xff' link");
    String before = listing(files);
    backupEngine.backUp(subject(), ProgressListener.NONE);
    Path target = folder.resolve("restored");
    backupEngine.restore(latest(), List.of(), target, ProgressListener.NONE);
    assertThat(listing(target)).isEqualTo(before);
  }

  private void shell(String script) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-ec", script).directory(files.toFile()).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  /** Returns names, types, link counts, sizes, targets and contents, byte for byte. */
  private static String listing(Path tree) throws Exception {
    Process list =
        new ProcessBuilder(
                "bash",
                "-c",
                "find . -mindepth 1 -printf '%P %y %l %m '"
                    + " \\( -type f -printf '%n %s\\n' -o -printf '\\n' \\) | sort;"
                    + " find . -type f -print0 | sort -z | xargs -0 sha256sum -z | tr '\\0' '\\n'")
            .directory(tree.toFile())
            .start();
    return new String(list.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void aSingleFileIsRestoredByPathEvenWithGlobCharacters() throws Exception {
    Files.writeString(files.resolve("odd [1]*?.txt"), "this");
    Files.writeString(files.resolve("odd 1xx.txt"), "not this");
    backupEngine.backUp(subject(), ProgressListener.NONE);
    Path target = folder.resolve("restored");
    backupEngine.restore(latest(), List.of("odd [1]*?.txt"), target, ProgressListener.NONE);
    assertThat(target.toFile().list()).containsExactly("odd [1]*?.txt");
  }

  @Test
  void theRepositoryAndItsPasswordAreTheServersAlone() throws Exception {
    backupEngine.backUp(subject(), ProgressListener.NONE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folders.root())))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folders.password())))
        .isEqualTo("rw-------");
  }

  @Test
  void retentionNeverRemovesTheNewestNorAVerifiedOne() throws Exception {
    for (int i = 0; i < 4; i++) {
      Files.writeString(files.resolve("a"), "text " + i);
      backupEngine.backUp(subject(), ProgressListener.NONE);
    }
    List<ResticSnapshot> all = backupEngine.list();
    String verified = all.get(2).id();
    int removed =
        backupEngine.expire(
            "garden", "weather", "alice", new Keep(0, 0, 0, 0, 0, 0), Set.of(verified), Set.of());
    assertThat(removed).isEqualTo(2);
    assertThat(backupEngine.list())
        .extracting(ResticSnapshot::id)
        .containsExactlyInAnyOrder(all.getFirst().id(), verified);
    assertThat(
            backupEngine.expire(
                "garden", "weather", "bob", new Keep(0, 0, 0, 0, 0, 0), Set.of(), Set.of()))
        .isZero();
  }

  @Test
  void retentionKeepsTheWayBackToEarlierVersions() throws Exception {
    List<String> versions = List.of("1.0.0", "1.0.0", "2.0.0", "2.0.0", "3.0.0", "3.0.0");
    for (int i = 0; i < versions.size(); i++) {
      Files.writeString(files.resolve("a"), "text " + i);
      backupEngine.backUp(subject(versions.get(i)), ProgressListener.NONE);
    }
    List<String> all = backupEngine.list().reversed().stream().map(ResticSnapshot::id).toList();
    Keep none = new Keep(0, 0, 0, 0, 0, 0);
    backupEngine.expire("garden", "weather", "alice", none, Set.of(), Set.of("1.0.0", "3.0.0"));
    assertThat(backupEngine.list())
        .as("the newest of each that the app offers, and of the one before")
        .extracting(ResticSnapshot::id)
        .containsExactlyInAnyOrder(all.get(1), all.get(3), all.get(5));
    backupEngine.expire("garden", "weather", "alice", none, Set.of(), Set.of("3.0.0"));
    assertThat(backupEngine.list())
        .extracting(ResticSnapshot::id)
        .containsExactlyInAnyOrder(all.get(3), all.get(5));
  }

  @Test
  void mirrorsOfRemovedDataAreDeleted() throws Exception {
    Files.writeString(files.resolve("a"), "one");
    backupEngine.backUp(subject(), ProgressListener.NONE);
    backupEngine.keepOnlyMirrors(Set.of("id1"));
    assertThat(folders.mirror("id1")).exists();
    backupEngine.keepOnlyMirrors(Set.of("id2"));
    assertThat(folders.mirror("id1")).doesNotExist();
    assertThat(backupEngine.backUp(subject(), ProgressListener.NONE).files()).isEqualTo(1);
  }

  @Test
  void dataDeclaredAgainDuringTheCopyIsNotStored() throws Exception {
    Files.writeString(files.resolve("a"), "one");
    assertThatThrownBy(
            () -> backupEngine.backUpUnassigned(subject(), () -> false, ProgressListener.NONE))
        .hasMessageContaining("was declared again");
    assertThat(backupEngine.list()).isEmpty();
    BackupReport report =
        backupEngine.backUpUnassigned(subject(), () -> true, ProgressListener.NONE);
    backupEngine.verifyAll(report.snapshot(), ProgressListener.NONE);
    assertThatThrownBy(() -> backupEngine.verifyAll("0".repeat(64), ProgressListener.NONE))
        .extracting(e -> ((BackupException) e).reason())
        .isEqualTo(BackupReason.NO_SUCH_SNAPSHOT);
  }

  @Test
  void aWrongPasswordIsReportedAndTheCorrectedOneWorks() throws Exception {
    backupEngine.backUp(subject(), ProgressListener.NONE);
    String right = Files.readString(folders.password());
    Files.writeString(folders.password(), "wrong");
    try (BackupEngine other = open()) {
      assertThatThrownBy(() -> other.backUp(subject(), ProgressListener.NONE))
          .hasMessageContaining("does not open")
          .extracting(e -> ((BackupException) e).reason())
          .isEqualTo(BackupReason.WRONG_PASSWORD);
      Files.writeString(folders.password(), right);
      assertThat(other.backUp(subject(), ProgressListener.NONE).snapshot()).isNotEmpty();
    }
  }

  @Test
  void aMissingRepositoryIsNotCreatedAgain() throws Exception {
    backupEngine.backUp(subject(), ProgressListener.NONE);
    Path away = folder.resolve("away");
    Files.move(folders.repository(), away);
    assertThatThrownBy(() -> backupEngine.backUp(subject(), ProgressListener.NONE))
        .extracting(e -> ((BackupException) e).reason())
        .isEqualTo(BackupReason.REPOSITORY_UNREACHABLE);
    try (BackupEngine other = open()) {
      assertThatThrownBy(() -> other.backUp(subject(), ProgressListener.NONE))
          .extracting(e -> ((BackupException) e).reason())
          .isEqualTo(BackupReason.REPOSITORY_UNREACHABLE);
    }
    Files.move(away, folders.repository());
    assertThat(backupEngine.backUp(subject(), ProgressListener.NONE).snapshot()).isNotEmpty();
  }

  @Tag("long")
  @Timeout(300)
  @Test
  void backupFailsSoonIfTheRemoteRefusesOrNeverResponds() throws Exception {
    int port;
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      port = silent.getLocalPort();
      assertIsGivenUp(port);
    }
    assertIsGivenUp(port);
  }

  private void assertIsGivenUp(int port) {
    String place = "rest:http://127.0.0.1:%d/".formatted(port);
    RepositorySettings settings =
        new RepositorySettings(place, folders.password(), Optional.empty(), folders.cache());
    long from = System.nanoTime();
    try (ResticRepository remote = new ResticRepository(settings)) {
      assertThatThrownBy(() -> remote.open(true))
          .hasMessageContainingAll(place, "did not respond in time", "check the network")
          .extracting(e -> ((BackupException) e).reason())
          .isEqualTo(BackupReason.REPOSITORY_UNREACHABLE);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofMinutes(2));
  }

  @Test
  void aCorruptedPackIsFoundByCheckAndByVerification() throws Exception {
    Files.write(files.resolve("a"), new byte[100_000]);
    java.util.Random random = new java.util.Random(7);
    byte[] noise = new byte[2_000_000];
    random.nextBytes(noise);
    Files.write(files.resolve("noise"), noise);
    backupEngine.backUp(subject(), ProgressListener.NONE);
    ResticSnapshot resticSnapshot = latest();
    corruptLargestPack();
    assertThatThrownBy(() -> backupEngine.repository().check(Optional.of("100%")))
        .extracting(e -> ((BackupException) e).reason())
        .isEqualTo(BackupReason.REPOSITORY_DAMAGED);
    assertThatThrownBy(() -> backupEngine.verify(resticSnapshot, ProgressListener.NONE))
        .as("of however many errors")
        .hasMessageContaining("restic repair packs")
        .extracting(e -> ((BackupException) e).reason())
        .isEqualTo(BackupReason.REPOSITORY_DAMAGED);
    assertThatThrownBy(() -> backupEngine.verifyAll(resticSnapshot.id(), ProgressListener.NONE))
        .as("what is to be deleted after it stays")
        .extracting(e -> ((BackupException) e).reason())
        .isEqualTo(BackupReason.NOT_VERIFIED);
  }

  private void corruptLargestPack() throws IOException {
    try (var packs = Files.walk(folders.repository().resolve("data"))) {
      Path largest =
          packs
              .filter(Files::isRegularFile)
              .max(java.util.Comparator.comparingLong(p -> p.toFile().length()))
              .orElseThrow();
      Files.setPosixFilePermissions(largest, PosixFilePermissions.fromString("rw-------"));
      byte[] bytes = Files.readAllBytes(largest);
      for (int i = 0; i < bytes.length; i += 1000) {
        bytes[i] ^= 1;
      }
      Files.write(largest, bytes);
    }
  }

  @Test
  void anInterruptEndsResticAndTheNextRunIsWhole() throws Exception {
    byte[] noise = new byte[60_000_000];
    new java.util.Random(3).nextBytes(noise);
    Files.write(files.resolve("noise"), noise);
    CountDownLatch storing = new CountDownLatch(1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread run =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    backupEngine.backUp(
                        subject(),
                        progressStep -> {
                          if (progressStep.phase().equals("storing")) {
                            storing.countDown();
                          }
                        });
                  } catch (BackupException e) {
                    failure.set(e);
                  }
                });
    storing.await();
    run.interrupt();
    run.join();
    assertThat(failure.get()).isInstanceOf(BackupException.class);
    assertThat(backupEngine.backUp(subject(), ProgressListener.NONE).snapshot()).isNotEmpty();
    backupEngine.repository().check(Optional.of("100%"));
    Path target = folder.resolve("restored");
    backupEngine.restore(latest(), List.of(), target, ProgressListener.NONE);
    assertThat(Files.mismatch(files.resolve("noise"), target.resolve("noise"))).isEqualTo(-1);
  }

  /** With restic's own command, because the date of the machine cannot be changed here. */
  private void backUpAtAnotherDate(String date) throws Exception {
    Process restic =
        new ProcessBuilder(
                "restic",
                "--repo",
                folders.repository().toString(),
                "--password-file",
                folders.password().toString(),
                "--no-cache",
                "backup",
                files.toString(),
                "--time",
                date,
                "--host",
                "dropserver",
                "--tag",
                String.join(",", BackupSource.group("garden", "weather", "alice")))
            .redirectErrorStream(true)
            .start();
    String output = new String(restic.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(restic.waitFor()).as(output).isZero();
  }

  @Test
  void aBackupOfALaterDateIsNeitherTheNewestNorDisplacesOthers() throws Exception {
    Files.writeString(files.resolve("a"), "one");
    backupEngine.backUp(subject(), ProgressListener.NONE);
    backUpAtAnotherDate("2099-01-01 00:00:00");
    backUpAtAnotherDate("2099-01-01 01:00:00");
    String newest = backupEngine.backUp(subject(), ProgressListener.NONE).snapshot();
    assertThat(latest().id()).isEqualTo(newest);
    assertThat(backupEngine.list()).hasSize(4);

    Keep last = new Keep(2, 0, 0, 0, 0, 0);
    assertThat(backupEngine.expire("garden", "weather", "alice", last, Set.of(), Set.of()))
        .isZero();
    String third = backupEngine.backUp(subject(), ProgressListener.NONE).snapshot();
    assertThat(backupEngine.expire("garden", "weather", "alice", last, Set.of(), Set.of()))
        .isEqualTo(1);
    assertThat(backupEngine.list())
        .extracting(ResticSnapshot::id)
        .startsWith(third, newest)
        .hasSize(4);
  }
}
