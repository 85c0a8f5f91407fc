package io.dropserver.sandbox.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.state.AtomicFiles;
import io.dropserver.state.DiskSpace;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes that promise more space than their disk has. */
@Tag("slow")
final class DiskGuardTest {
  private static final long MEBIBYTE = 1L << 20;
  private static final int UID = 71_234;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @TempDir Path parent;

  private Optional<SmallDisk> mounted = Optional.empty();
  private Optional<LoopStorage> opened = Optional.empty();
  private final Recorder writers = new Recorder();

  @BeforeEach
  void mount() throws IOException {
    var missing = LoopSupport.unavailable();
    Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElseThrow().why());
    mounted = Optional.of(SmallDisk.mount(parent, 320));
    opened = Optional.of(LoopStorage.takeOver(disk().folder()));
    storage().setWriters(writers);
  }

  @AfterEach
  void unmount() {
    opened.ifPresent(LoopStorage::close);
    mounted.ifPresent(SmallDisk::close);
  }

  @Test
  void diskFillersGetNoSpaceAndOthersKeepTheirData() throws IOException {
    Path victim = open("victim", 256);
    Path first = open("first", 256);
    Path second = open("second", 256);
    long stored = SmallDisk.writeUntilFull(victim.resolve("photos"), 20 * MEBIBYTE);

    fill(first, second);
    long acknowledged = appendAcknowledged(victim.resolve("diary"));

    flush(first, second, victim);
    assertThat(DiskSpace.of(disk().folder()).aboveReserve()).isGreaterThan(-8 * MEBIBYTE);
    for (Path folder : List.of(victim, first, second)) {
      storage().release(folder);
      storage().open(folder, UID, 256 * MEBIBYTE);
    }
    assertThat(Files.size(victim.resolve("photos"))).isEqualTo(stored);
    assertThat(Files.size(victim.resolve("diary"))).isEqualTo(acknowledged);
    assertThat(writers.failed).isEmpty();
  }

  @Test
  void deletedDataFreesTheDiskSoThatOthersCanWrite() throws IOException {
    Path filler = open("filler", 256);
    Path other = open("other", 256);
    fill(filler);
    flush(filler);
    long before = disk().freeBytes();

    deleteAll(filler);

    await().atMost(TIMEOUT).until(() -> disk().freeBytes() > before + 64 * MEBIBYTE);
    await().atMost(TIMEOUT).until(() -> !storage().diskFull());
    assertThat(SmallDisk.writeUntilFull(other.resolve("photos"), 16 * MEBIBYTE))
        .isEqualTo(16 * MEBIBYTE);
  }

  /** Otherwise the blocks would stay on the disk until the volume grows again. */
  @Test
  void dataThatIsDeletedDuringATrimIsKnownToOccupyBlocks() throws Exception {
    Path folder = open("garden", 256);
    MountedVolume volume = MountedVolume.of(VolumeImage.of(folder, new AbortableWork(), _ -> {}));
    for (int i = 0; i < 128; i++) {
      SmallDisk.writeUntilFull(folder.resolve("photo-" + i), MEBIBYTE);
    }
    flush(folder);
    MountedVolume.Use full = volume.measure().orElseThrow();

    Thread trim = Thread.ofPlatform().start(volume::trim);
    for (int i = 0; i < 128 && trim.isAlive(); i++) {
      Files.delete(folder.resolve("photo-" + i));
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
    }
    trim.join();
    flush(folder);

    MountedVolume.Use use = volume.measure().orElseThrow();
    long released = full.backed() - use.backed();
    long deleted = full.allocated() - use.allocated();
    assertThat(use.freed()).isGreaterThan(deleted - released - MEBIBYTE);
  }

  @Test
  void deletingAndWritingAgainLeavesTheDiskRoom() throws IOException {
    Path victim = open("victim", 256);
    Path churner = open("churner", 256);
    fill(churner);
    long leastFree = Long.MAX_VALUE;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    for (int i = 0; System.nanoTime() < end; i++) {
      writers.passWhileFrozen(churner);
      deleteAll(churner);
      for (int part = 0; part < 8; part++) {
        SmallDisk.writeUntilFull(churner.resolve(i + "-" + part), 16 * MEBIBYTE);
        flush(churner);
      }
      leastFree = Math.min(leastFree, disk().freeBytes());
    }

    long acknowledged = appendAcknowledged(victim.resolve("diary"));
    flush(victim);
    assertThat(leastFree).isGreaterThan(0);
    assertThat(writers.failed).isEmpty();
    storage().release(victim);
    open("victim", 256);
    assertThat(Files.size(victim.resolve("diary"))).isEqualTo(acknowledged);
    await().atMost(TIMEOUT).until(writers.frozen::isEmpty);
  }

  /**
   * Here its blocks need the reserve because another program has used half of it. An app does the
   * same by deleting and writing again faster than its deleted blocks come back.
   */
  @Test
  void aWriterThatNeedsTheReserveIsFrozenAndRunsAgain() throws IOException {
    Path writer = open("writer", 128);
    long end = System.nanoTime() + TIMEOUT.toNanos();
    for (int i = 0; writers.freezes.get() == 0 && System.nanoTime() < end; i++) {
      // The kernel may write it at once, while there is room: then another round shows it.
      SmallDisk.writeUntilFull(writer.resolve("photos-" + i), 8 * MEBIBYTE);
      Path other = disk().fillBut(14 * MEBIBYTE);
      flush(writer);
      long measured = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
      while (writers.freezes.get() == 0 && System.nanoTime() < measured) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
      Files.delete(other);
      await().atMost(TIMEOUT).until(() -> !storage().diskFull());
    }

    assertThat(writers.freezes).hasPositiveValue();
    await().atMost(TIMEOUT).until(writers.frozen::isEmpty);
    assertThat(writers.failed).isEmpty();
    assertThat(SmallDisk.writeUntilFull(writer.resolve("more"), 8 * MEBIBYTE))
        .isEqualTo(8 * MEBIBYTE);
  }

  /** Another program can use the reserve up, but nothing that apps stored before depends on it. */
  @Test
  void whenAnotherProgramFillsTheDiskWritesAreRefusedAndStoredDataIsThere() throws IOException {
    Path victim = open("victim", 128);
    long stored = SmallDisk.writeUntilFull(victim.resolve("photos"), 20 * MEBIBYTE);
    flush(victim);
    Path filler = disk().fill();
    await().atMost(TIMEOUT).until(storage()::diskFull);

    boolean readOnly = false;
    try {
      assertThat(SmallDisk.writeUntilFull(victim.resolve("more"), 20 * MEBIBYTE)).isZero();
      assertThat(storage().stored(victim).diskFull()).isTrue();
      assertThat(storage().stored(victim).full()).isFalse();
    } catch (IOException e) {
      // Without the reserve, the volume's own bookkeeping can fail first. The kernel then protects
      // it.
      assertThat(e.getMessage()).containsAnyOf("Read-only file system", "Input/output error");
      readOnly = true;
    }
    Files.delete(filler);

    await().atMost(TIMEOUT).until(() -> !storage().diskFull());
    if (readOnly) {
      await().atMost(TIMEOUT).until(() -> writers.failed.remove(victim));
      storage().release(victim);
      storage().makeReadable(victim); // as the server mounts it again
    }
    assertThat(SmallDisk.writeUntilFull(victim.resolve("more"), 20 * MEBIBYTE))
        .isEqualTo(20 * MEBIBYTE);
    assertThat(Files.size(victim.resolve("photos"))).isEqualTo(stored);
    assertThat(writers.failed).isEmpty();
  }

  @Test
  void aVolumeThatTurnedReadOnlyIsReportedAndChecked() throws IOException {
    Path folder = open("garden", 64);
    Files.writeString(folder.resolve("diary"), "dear diary");
    Path device = LoopDevice.below(folder).device();
    Files.writeString(
        Path.of("/sys/fs/ext4").resolve(device.getFileName()).resolve("trigger_fs_error"), "x");

    await().atMost(TIMEOUT).until(() -> writers.failed.contains(folder));
    storage().release(folder);
    storage().makeReadable(folder); // as the server mounts it again
    Files.writeString(folder.resolve("diary"), "dear diary, again");
    writers.failed.clear();
    open("other", 64); // which is measured at once, as the first one is
    await().during(Duration.ofSeconds(3)).until(writers.failed::isEmpty);
    open("garden", 64);
    assertThat(folder.resolve("diary")).hasContent("dear diary, again");
  }

  /** Like an app that retries whenever a write is refused. */
  private void fill(Path... folders) {
    await()
        .atMost(TIMEOUT)
        .until(
            () -> {
              for (Path folder : folders) {
                String name = Long.toString(System.nanoTime());
                SmallDisk.writeUntilFull(folder.resolve(name), 256 * MEBIBYTE);
              }
              return storage().diskFull();
            });
  }

  private static void deleteAll(Path folder) throws IOException {
    try (var files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  private SmallDisk disk() {
    return mounted.orElseThrow();
  }

  private LoopStorage storage() {
    return opened.orElseThrow();
  }

  private Path open(String name, long mebibytes) throws IOException {
    Path folder = Files.createDirectories(disk().folder().resolve(name)).resolve("files");
    storage().open(folder, UID, mebibytes * MEBIBYTE);
    return folder;
  }

  /** Counts a line only after it is flushed. */
  private static long appendAcknowledged(Path file) throws IOException {
    long acknowledged = 0;
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (int i = 0; i < 200; i++) {
        channel.write(
            java.nio.ByteBuffer.wrap(
                "dear diary, all is well today"
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        channel.force(true);
        acknowledged = channel.position();
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
    return acknowledged;
  }

  private static void flush(Path... folders) throws IOException {
    for (Path folder : folders) {
      AtomicFiles.syncFileSystem(folder);
    }
  }

  private static final class Recorder implements Storage.Writers {
    final Set<Path> failed = ConcurrentHashMap.newKeySet();
    final Set<Path> frozen = ConcurrentHashMap.newKeySet();
    final AtomicInteger freezes = new AtomicInteger();

    @Override
    public void freeze(Path folder) {
      frozen.add(folder);
      freezes.incrementAndGet();
    }

    @Override
    public void thaw(Path folder) {
      frozen.remove(folder);
    }

    @Override
    public void failed(Path folder, boolean hasRoom) {
      failed.add(folder);
    }

    void passWhileFrozen(Path folder) {
      await().atMost(TIMEOUT).until(() -> !frozen.contains(folder));
    }
  }
}
