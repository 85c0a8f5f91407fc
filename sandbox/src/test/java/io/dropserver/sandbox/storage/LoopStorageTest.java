package io.dropserver.sandbox.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.linux.Mounts;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class LoopStorageTest {
  private static final int UID = 71_234;
  private static final long MEBIBYTE = 1L << 20;
  private static final int TINY_FILES = 40_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final byte[] PHOTO = photo();

  @TempDir Path state;
  private Path folder = Path.of("");
  private Optional<LoopStorage> storage = Optional.empty();

  @BeforeEach
  void open() throws IOException {
    Optional<Storage.Missing> missing = LoopSupport.unavailable();
    Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElseThrow().why());
    folder = Files.createDirectories(state.resolve("data/garden")).resolve("files");
    storage = Optional.of(LoopStorage.takeOver(state));
  }

  @AfterEach
  void release() throws IOException {
    storage.ifPresent(LoopStorage::close);
    assertThat(Mounts.below(state)).isEmpty();
  }

  @Test
  void writingBeyondTheLimitFailsForThatFolderAlone() throws IOException {
    storage().open(folder, UID, 8 * MEBIBYTE);

    assertThatThrownBy(() -> Files.write(folder.resolve("big"), new byte[(int) (9 * MEBIBYTE)]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left");
    Files.write(state.resolve("elsewhere"), new byte[(int) (9 * MEBIBYTE)]);
  }

  @Test
  void manyTinyFilesEndAtTheLimitToo() {
    storage().open(folder, UID, 4 * MEBIBYTE);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100_000; i++) {
                Files.createFile(folder.resolve("file-" + i));
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void theFolderBelongsToTheAppspaceAndIsEmpty() throws IOException {
    Storage.Volume volume = storage().open(folder, UID, 8 * MEBIBYTE);

    assertThat(volume.hard()).isTrue();
    assertThat(Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS)).isEqualTo(UID);
    try (var entries = Files.list(folder)) {
      assertThat(entries).isEmpty();
    }
  }

  /**
   * Otherwise the kernel caches the data twice, and the second copy counts towards no app's limit.
   */
  @Test
  void directIoIsUsedOnFileSystemsWhereItIsSafe() throws IOException {
    storage().open(folder, UID, 8 * MEBIBYTE);
    byte[] page = new byte[4096];
    new Random(7).nextBytes(page);
    Files.write(folder.resolve("page"), page);

    Path device = LoopDevice.below(folder).device();
    boolean safe = List.of("ext4", "xfs").contains(Files.getFileStore(state).type());
    assertThat(Path.of("/sys/block").resolve(device.getFileName()).resolve("loop/dio"))
        .as("on %s", Files.getFileStore(state).type())
        .hasContent(safe ? "1" : "0");
    storage().release(folder);
    storage().open(folder, UID, 64 * MEBIBYTE);
    assertThat(folder.resolve("page")).hasBinaryContent(page);
  }

  @Test
  void growingKeepsTheData() throws IOException {
    storage().open(folder, UID, 8 * MEBIBYTE);
    Files.writeString(folder.resolve("diary"), "dear diary");

    Storage.Volume grown = storage().open(folder, UID, 64 * MEBIBYTE);

    assertThat(grown.limitBytes()).isEqualTo(64 * MEBIBYTE);
    Files.write(folder.resolve("big"), new byte[(int) (32 * MEBIBYTE)]);
    assertThat(folder.resolve("diary")).hasContent("dear diary");
  }

  @Test
  void shrinkingKeepsTheDataAndStopsAtItsSize() throws IOException {
    storage().open(folder, UID, 64 * MEBIBYTE);
    Files.write(folder.resolve("big"), new byte[(int) (20 * MEBIBYTE)]);
    storage().release(folder);

    Storage.Volume tooSmall = storage().open(folder, UID, 8 * MEBIBYTE);
    assertThat(tooSmall.limitBytes()).isGreaterThan(20 * MEBIBYTE);
    assertThat(tooSmall.detail()).contains("kept because");
    assertThat(Files.size(folder.resolve("big"))).isEqualTo(20 * MEBIBYTE);
    Files.delete(folder.resolve("big"));
    Files.writeString(folder.resolve("diary"), "dear diary");
    storage().release(folder);

    Storage.Volume shrunk = storage().open(folder, UID, 8 * MEBIBYTE);
    assertThat(shrunk.limitBytes()).isEqualTo(8 * MEBIBYTE);
    assertThat(folder.resolve("diary")).hasContent("dear diary");
  }

  @Test
  void volumesLeftMountedByADeadServerAreTakenOver() throws IOException {
    storage().open(folder, UID, 8 * MEBIBYTE);
    Files.writeString(folder.resolve("diary"), "dear diary");

    storage = Optional.of(LoopStorage.takeOver(state));
    assertThat(Mounts.below(state)).isEmpty();

    storage().open(folder, UID, 8 * MEBIBYTE);
    assertThat(folder.resolve("diary")).hasContent("dear diary");
  }

  @Test
  void aFolderThatIsOlderThanItsVolumeMovesIntoItCompletely() throws IOException {
    fillPlainFolder();

    Storage.Volume volume = storage().open(folder, UID, 8 * MEBIBYTE);

    assertThat(volume.hard()).isTrue();
    assertThat(Mounts.below(state)).containsExactly(folder.toRealPath());
    assertContainsThePlainFolder();
    storage().release(folder);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void dataAboveTheLimitMovesIntoTheVolumeAndIsReported() throws IOException {
    Files.createDirectory(folder);
    // Random data, because zeros would become holes, which take no space.
    byte[] dense = new byte[(int) (20 * MEBIBYTE)];
    new Random(7).nextBytes(dense);
    Files.write(folder.resolve("big"), dense);

    Storage.Volume volume = storage().open(folder, UID, 8 * MEBIBYTE);

    assertThat(volume.detail()).contains("kept because the stored data needs more than 8 MiB");
    assertThat(Files.size(folder.resolve("big"))).isEqualTo(20 * MEBIBYTE);
  }

  @Test
  void dataInBothPlacesIsRefusedAndNeitherIsTouched() throws IOException {
    storage().open(folder, UID, 8 * MEBIBYTE);
    Files.writeString(folder.resolve("diary"), "in the volume");
    storage().release(folder);
    Files.writeString(folder.resolve("diary"), "put there by hand");

    assertThatThrownBy(() -> storage().open(folder, UID, 8 * MEBIBYTE))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("data both in");
    assertThat(folder.resolve("diary")).hasContent("put there by hand");
    Files.delete(folder.resolve("diary"));
    storage().open(folder, UID, 8 * MEBIBYTE);
    assertThat(folder.resolve("diary")).hasContent("in the volume");
  }

  @Test
  void withoutLoopDevicesDataInAVolumeIsNotReplacedByAnEmptyFolder() throws IOException {
    storage().open(folder, UID, 8 * MEBIBYTE);
    storage().release(folder);

    SoftStorage soft = new SoftStorage(new Storage.Missing("no loops here", "modprobe loop"));
    assertThatThrownBy(() -> soft.open(folder, UID, 8 * MEBIBYTE))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("cannot be mounted here: no loops here; modprobe loop");
  }

  @Test
  void storedBytesAreReportedMountedAndUnmounted() throws IOException {
    fillPlainFolder();
    assertThat(storage().stored(folder).bytes()).isBetween(MEBIBYTE, 2 * MEBIBYTE);

    storage().open(folder, UID, 16 * MEBIBYTE);
    assertThat(storage().stored(folder).bytes()).isBetween(MEBIBYTE, 2 * MEBIBYTE);
    assertThat(storage().stored(folder).full()).isFalse();
    storage().release(folder);
    assertThat(storage().stored(folder).bytes()).isBetween(MEBIBYTE, 2 * MEBIBYTE);

    storage().makeReadable(folder);
    assertContainsThePlainFolder();
    // The file system may free blocks of its own after a write has failed for lack of space.
    await()
        .until(
            () -> {
              fillUp();
              Storage.Stored stored = storage().stored(folder);
              // On a loaded machine, the guard of the disk may hold back the last blocks.
              return stored.full() || stored.diskFull();
            });
  }

  /** The server dies after each step in turn, and the next server must find all data. */
  @TestFactory
  Stream<DynamicTest> aServerDeathAtAnyStepLosesNoData() {
    List<Long> sizes = List.of(48 * MEBIBYTE, 96 * MEBIBYTE, 40 * MEBIBYTE);
    return IntStream.range(0, 12)
        .mapToObj(
            last -> DynamicTest.dynamicTest("after step " + last, () -> dieAfter(last, sizes)));
  }

  private void dieAfter(int last, List<Long> sizes) throws IOException {
    folder = Files.createDirectories(state.resolve("data/dying-" + last)).resolve("files");
    fillPlainFolder();
    AtomicInteger steps = new AtomicInteger();
    LoopStorage dying =
        LoopStorage.takeOver(
            parent(),
            step -> {
              if (steps.getAndIncrement() >= last) {
                throw new Death();
              }
            });
    try {
      sizes.forEach(size -> dying.open(folder, UID, size));
    } catch (Death died) {
      assertThat(died).isNotNull();
    }
    try (LoopStorage next = LoopStorage.takeOver(parent())) {
      long wanted = sizes.getLast();
      Storage.Volume volume = next.open(folder, UID, wanted);
      assertThat(volume.limitBytes()).isEqualTo(wanted);
      assertContainsThePlainFolder();
    }
    assertThat(folder).isEmptyDirectory();
    try (var beside = Files.list(parent())) {
      assertThat(beside.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder("files", VolumeImage.NAME);
    }
  }

  private static final class Death extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Kills a real process at several points in time, while its child programs run. */
  @Test
  void killsDuringMoveAndGrowthLoseNoData() throws Exception {
    for (int round = 0; round < 8; round++) {
      folder = Files.createDirectories(state.resolve("data/killed-" + round)).resolve("files");
      fillPlainFolder();
      Process server = ResizingServer.start(folder, UID);
      BufferedReader output = server.inputReader();
      assertThat(output.readLine())
          .as(() -> "the first line of: " + output.lines().collect(Collectors.joining("\n")))
          .isEqualTo("!");
      var _ = server.waitFor(20L + 60L * round, TimeUnit.MILLISECONDS);
      server.destroyForcibly().waitFor();

      try (LoopStorage next = LoopStorage.takeOver(parent())) {
        next.open(folder, UID, 64 * MEBIBYTE);
        assertContainsThePlainFolder();
      }
    }
  }

  @Test
  void aContainerWithoutNodesOfLoopDevicesMountsVolumes() throws Exception {
    fillPlainFolder();
    String container =
        "umount -l /dev; mount -t tmpfs tmpfs /dev; mknod /dev/loop-control c 10 237; mknod -m 666"
            + " /dev/null c 1 3; mknod -m 666 /dev/urandom c 1 9; mknod -m 666 /dev/random c 1 8;"
            + " exec \"$@\"";
    Process server =
        ResizingServer.start(folder, UID, "unshare", "--mount", "sh", "-ec", container, "sh");
    try {
      assertThat(server.inputReader().lines().limit(2)).containsExactly("!", "mounted");
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  @Test
  void leftoversOfAKilledServerAreDeletedAndNamesAreNotReused() throws IOException {
    fillPlainFolder();
    Path begun = Files.createFile(folder.resolveSibling("volume.img.new-of-a-killed-server"));
    storage().open(folder, UID, 8 * MEBIBYTE);
    assertThat(begun).doesNotExist();
    assertContainsThePlainFolder();
    VolumeImage one = VolumeImage.of(folder, new AbortableWork(), step -> {});
    VolumeImage other = VolumeImage.of(folder, new AbortableWork(), step -> {});
    assertThat(one.draft()).isNotEqualTo(other.draft());
  }

  @Test
  void aProgramThatHadNotBegunWhenItsServerWasKilledNeverBegins() throws Exception {
    Files.createDirectories(folder);
    VolumeImage image = VolumeImage.of(folder, new AbortableWork(), step -> {});
    Files.createFile(image.image());
    Path trace = folder.resolveSibling("trace");
    Process killed = new ProcessBuilder("sleep", "60").start();
    killed.destroyForcibly().waitFor();

    String[] late = image.exclusively(killed.pid(), "touch", trace.toString());
    assertThat(Command.runUnchecked(late).status()).isEqualTo(VolumeImage.ORPHANED);
    assertThat(trace).doesNotExist();

    assertThat(image.runExclusively("touch", trace.toString()).status()).isZero();
    assertThat(trace).exists();
  }

  @Test
  void dataIsMovedIntoItsVolumeBeforeTheFirstOpen() throws IOException {
    fillPlainFolder();

    storage().moveIntoVolume(folder, UID, 8 * MEBIBYTE);

    assertThat(Mounts.below(state)).isEmpty();
    assertThat(folder).isEmptyDirectory();
    assertThat(storage().open(folder, UID, 8 * MEBIBYTE).limitBytes()).isEqualTo(8 * MEBIBYTE);
    assertContainsThePlainFolder();
  }

  @Test
  void aVolumeCreatedWithoutALimitGetsOneWhenOpened() throws IOException {
    fillPlainFolder();

    storage().moveIntoVolume(folder, UID, 0);

    assertThat(storage().open(folder, UID, 64 * MEBIBYTE).limitBytes()).isEqualTo(64 * MEBIBYTE);
    assertContainsThePlainFolder();
  }

  @Test
  void aStopInterruptsAMoveAndTheNextStartRestartsIt() throws Exception {
    fillPlainFolder();
    addTinyFiles();
    CompletableFuture<Throwable> moved = new CompletableFuture<>();
    var _ =
        Thread.ofPlatform()
            .daemon()
            .start(
                () ->
                    moved.complete(
                        catchThrowable(() -> storage().open(folder, UID, 512 * MEBIBYTE))));
    ProcessHandle copy = copyBelow(ProcessHandle.current());

    storage().abortMoves();

    assertThat(moved.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("the server stops");
    assertThat(copy.onExit()).succeedsWithin(TIMEOUT);
    assertContainsThePlainFolder();
    try (var beside = Files.list(parent())) {
      assertThat(beside).containsExactly(folder);
    }
    assertThatThrownBy(() -> storage().open(folder, UID, 512 * MEBIBYTE))
        .hasMessageContaining("the server stops");
    storage = Optional.of(LoopStorage.takeOver(state));
    storage().open(folder, UID, 512 * MEBIBYTE);
    assertContainsThePlainFolder();
    try (var tiny = Files.list(folder.resolve("tiny"))) {
      assertThat(tiny.count()).isEqualTo(TINY_FILES);
    }
  }

  @Test
  void copyProcessesEndWithTheKilledServer() throws Exception {
    fillPlainFolder();
    addTinyFiles();
    Process server = ResizingServer.start(folder, UID);
    ProcessHandle copy = copyBelow(server.toHandle());

    server.destroyForcibly().waitFor();

    assertThat(copy.onExit()).succeedsWithin(TIMEOUT);
    storage().open(folder, UID, 512 * MEBIBYTE);
    assertContainsThePlainFolder();
  }

  /** Enough files that the copy takes a while. */
  private void addTinyFiles() throws IOException {
    Path tiny = Files.createDirectory(folder.resolve("tiny"));
    for (int i = 0; i < TINY_FILES; i++) {
      Files.createFile(tiny.resolve("file-" + i));
    }
  }

  private static ProcessHandle copyBelow(ProcessHandle server) {
    return await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(TIMEOUT)
        .until(
            () ->
                server
                    .descendants()
                    .filter(c -> c.info().command().filter(p -> p.endsWith("/cp")).isPresent())
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private void fillPlainFolder() throws IOException {
    Files.createDirectories(folder.resolve("deep/er"));
    Files.setAttribute(folder, "unix:uid", UID);
    Files.writeString(folder.resolve("diary"), "dear diary");
    Files.write(folder.resolve("deep/er/photo"), PHOTO);
    Files.createLink(folder.resolve("deep/same"), folder.resolve("diary"));
    Files.createSymbolicLink(folder.resolve("link"), Path.of("/etc/hostname"));
    Files.setAttribute(folder.resolve("diary"), "unix:uid", UID);
    Files.setPosixFilePermissions(
        folder.resolve("diary"), PosixFilePermissions.fromString("rw-r-----"));
  }

  private void assertContainsThePlainFolder() throws IOException {
    assertThat(folder.resolve("diary")).hasContent("dear diary");
    assertThat(folder.resolve("deep/er/photo")).hasBinaryContent(PHOTO);
    assertThat(folder.resolve("link")).isSymbolicLink();
    assertThat(Files.isSameFile(folder.resolve("diary"), folder.resolve("deep/same"))).isTrue();
    assertThat(Files.getAttribute(folder.resolve("diary"), "unix:uid")).isEqualTo(UID);
    assertThat(Files.getAttribute(folder, "unix:uid")).isEqualTo(UID);
    assertThat(Files.getPosixFilePermissions(folder.resolve("diary")))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
  }

  /** Writes synchronously, because delayed allocation reserves more space than it finally uses. */
  private void fillUp() throws IOException {
    try (var out =
        Files.newOutputStream(
            folder.resolve("filler"),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND,
            StandardOpenOption.SYNC)) {
      while (true) {
        out.write(new byte[16 << 10]);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private Path parent() {
    return Objects.requireNonNull(folder.getParent());
  }

  private LoopStorage storage() {
    return storage.orElseThrow();
  }

  private static byte[] photo() {
    byte[] bytes = new byte[(int) MEBIBYTE];
    new Random(7).nextBytes(bytes);
    return bytes;
  }
}
