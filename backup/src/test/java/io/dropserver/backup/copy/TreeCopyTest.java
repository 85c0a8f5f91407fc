package io.dropserver.backup.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.backup.BackupException;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TreeCopyTest {
  private static final Instant NEVER = Instant.MAX.minusSeconds(1);
  private static final CopyLimits WIDE =
      new CopyLimits(100L << 20, 1 << 20, () -> false, bytes -> {});

  @TempDir Path folder;
  private Path source;
  private Path mirror;

  @BeforeEach
  void makeFolders() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
    mirror = Files.createDirectory(folder.resolve("mirror"));
  }

  private CopyResult sync() {
    return TreeCopy.sync(source, mirror, NEVER, WIDE);
  }

  /** Lists a tree as text with external programs, independent of the code under test. */
  private static String listing(Path tree) throws IOException, InterruptedException {
    Process find =
        new ProcessBuilder(
                "sh",
                "-c",
                "find . -mindepth 1 -printf '%P %y %s %l\\n"
                    + "' | LC_ALL=C sort; find . -type f -print0 | LC_ALL=C sort -z | xargs -0r"
                    + " sha256sum")
            .directory(tree.toFile())
            .redirectErrorStream(true)
            .start();
    String text =
        new String(
            find.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThat(find.waitFor()).isZero();
    return text.replaceAll("(?m)^(.*) d \\d+ $", "$1 d");
  }

  private static void shell(Path in, String script) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("bash", "-c", script).directory(in.toFile()).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void copyEqualsTheSourceIncludingOddNames() throws Exception {
    shell(
        source,
        "mkdir -p a/b; echo one > a/b/one; echo two > $'a/new\\n"
            + "line'; echo three > $'bad-\\xff\\xfe'; ln -s /etc/passwd out; ln -s nowhere"
            + " a/dangling; mkdir empty; touch zero; echo x > ' -leading'; echo y > \"$(printf"
            + " 'n%.0s' {1..255})\"");
    CopyResult result = sync();
    assertThat(listing(mirror)).isEqualTo(listing(source));
    assertThat(result.skippedCount()).isZero();
    assertThat(result.files()).isEqualTo(8);
  }

  @Test
  void repeatedSyncCopiesNothingAndThenOnlyChangedFiles() throws Exception {
    shell(source, "mkdir d; for i in $(seq 50); do echo $i > d/$i; done");
    sync();
    // the same way as restic reads files
    shell(mirror, "for f in d/*; do dd if=$f iflag=noatime of=/dev/null status=none; done");
    assertThat(sync().copiedFiles()).isZero();
    shell(source, "echo other > d/7; rm d/8; mv d/9 d/renamed");
    CopyResult third = sync();
    assertThat(third.copiedFiles()).isEqualTo(2);
    assertThat(third.removed()).isEqualTo(2);
    assertThat(listing(mirror)).isEqualTo(listing(source));
  }

  @Test
  void changesWithRestoredTimeAndSizeAreDetected() throws Exception {
    Path file = source.resolve("file");
    Files.writeString(file, "before");
    FileTime time = Files.getLastModifiedTime(file);
    sync();
    Files.writeString(file, "behind");
    Files.setLastModifiedTime(file, time);
    sync();
    assertThat(mirror.resolve("file")).hasContent("behind");
  }

  @Test
  void filesChangedSinceTheInstantAreCopiedEvenIfTheyMatch() throws Exception {
    Files.writeString(source.resolve("file"), "text");
    Instant before = Instant.now();
    Files.writeString(source.resolve("fresh"), "text");
    sync();
    assertThat(TreeCopy.sync(source, mirror, before, WIDE).copiedFiles()).isPositive();
  }

  @Test
  void aPageOfAMappingThatIsWrittenTwiceWithOneStampIsCopiedTwice() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(source.resolve("mapped").toFile(), "rw")) {
      MappedByteBuffer page = file.getChannel().map(MapMode.READ_WRITE, 0, 4096);
      Instant first = synced();
      page.put(0, (byte) 'a');
      TreeCopy.sync(source, mirror, first, WIDE);
      page.put(0, (byte) 'b');
      TimeUnit.MILLISECONDS.sleep(100);
      TreeCopy.sync(source, mirror, synced(), WIDE);
      assertThat(Files.mismatch(source.resolve("mapped"), mirror.resolve("mapped"))).isEqualTo(-1);
    }
    TimeUnit.MILLISECONDS.sleep(100);
    TreeCopy.sync(source, mirror, synced(), WIDE);
    assertThat(TreeCopy.sync(source, mirror, synced(), WIDE).copiedFiles()).isZero();
  }

  /**
   * Flushes the source as a backup does before its first pass. Returns the time before the flush.
   */
  private Instant synced() throws IOException {
    Instant now = Instant.now();
    AtomicFiles.syncFileSystem(source);
    return now;
  }

  @Test
  @Timeout(60)
  void fifosAndSocketsAreSkippedAndReported() throws Exception {
    shell(source, "mkfifo fifo; echo kept > kept");
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(source.resolve("socket")));
      CopyResult result = sync();
      assertThat(result.skipped())
          .extracting(SkippedFile::path)
          .containsExactlyInAnyOrder("fifo", "socket");
      assertThat(mirror.toFile().list()).containsExactly("kept");
    }
  }

  @Test
  void symlinksAreCopiedAsSymlinksAndNeverFollowed() throws Exception {
    Path secret = Files.createDirectory(folder.resolve("secret"));
    Files.writeString(secret.resolve("canary"), "canary");
    Files.createSymbolicLink(source.resolve("way"), secret);
    sync();
    assertThat(Files.readSymbolicLink(mirror.resolve("way"))).isEqualTo(secret);
    // A folder of the mirror becomes a symlink in the source, and the other way round.
    Files.delete(source.resolve("way"));
    Files.createDirectory(source.resolve("way"));
    Files.writeString(source.resolve("way/inside"), "inside");
    sync();
    assertThat(mirror.resolve("way/inside")).hasContent("inside");
    shell(source, "rm -r way; ln -s " + secret + " way");
    sync();
    assertThat(Files.isSymbolicLink(mirror.resolve("way"))).isTrue();
    assertThat(secret.resolve("canary")).hasContent("canary");
    assertThat(secret.resolve("inside")).doesNotExist();
  }

  @Test
  void aFileBecomesAFolderAndBack() throws Exception {
    shell(source, "echo f > thing; mkdir other; echo deep > other/deep");
    sync();
    shell(source, "rm thing; mkdir thing; echo in > thing/in; rm -r other; echo f > other");
    sync();
    assertThat(listing(mirror)).isEqualTo(listing(source));
  }

  @Test
  void holesStayHolesAndTooManyOfThemAreSkipped() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(source.resolve("sparse").toFile(), "rw")) {
      file.setLength(64L << 20);
      file.seek(32L << 20);
      file.write("middle".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
    shell(source, "truncate -s 8T huge");
    CopyResult result = sync();
    assertThat(result.skipped()).extracting(SkippedFile::path).containsExactly("huge");
    assertThat(Files.mismatch(source.resolve("sparse"), mirror.resolve("sparse"))).isEqualTo(-1);
    assertThat(diskUse(mirror)).isLessThan(1L << 20);
  }

  @Test
  void aThousandNamesOfOneFileAreOneFile() throws Exception {
    shell(
        source,
        "head -c 1000000 /dev/urandom > first; mkdir d; for i in $(seq 200); do ln first d/$i;"
            + " done");
    sync();
    assertThat(diskUse(mirror)).isLessThan(3L << 20);
    assertThat(listing(mirror)).isEqualTo(listing(source));
    shell(source, "head -c 1000000 /dev/urandom > first");
    sync();
    assertThat(listing(mirror)).isEqualTo(listing(source));
    assertThat(diskUse(mirror)).isLessThan(3L << 20);
  }

  private static long diskUse(Path tree) throws IOException, InterruptedException {
    Process du = new ProcessBuilder("du", "-s", "-B1", tree.toString()).start();
    String text =
        new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    return Long.parseLong(text.substring(0, text.indexOf('\t')));
  }

  @Test
  void tooDeepTreesAreTruncatedAndReported() throws Exception {
    Path deep = source;
    for (int i = 0; i < 250; i++) {
      deep = Files.createDirectory(deep.resolve("d"));
    }
    CopyResult result = sync();
    assertThat(result.skippedCount()).isOne();
    assertThat(result.folders()).isEqualTo(201);
  }

  @Test
  void aFileWhoseCopyWasInterruptedIsCopiedAgain() throws Exception {
    Files.write(source.resolve("a"), new byte[20 << 20]);
    AtomicBoolean stop = new AtomicBoolean();
    CopyLimits stopping = new CopyLimits(0, 0, stop::get, bytes -> stop.set(true));
    assertThatThrownBy(() -> TreeCopy.sync(source, mirror, NEVER, stopping))
        .isInstanceOf(BackupException.class);
    sync();
    assertThat(Files.mismatch(source.resolve("a"), mirror.resolve("a"))).isEqualTo(-1);
  }

  /** The app attacks while the copy runs. After the attack ends, one more pass must be exact. */
  @Test
  @Timeout(120)
  void concurrentHostileChangesNeitherLeakNorCorruptTheCopy() throws Exception {
    Path secret = Files.createDirectory(folder.resolve("secret"));
    Files.writeString(secret.resolve("canary"), "canary");
    shell(source, "mkdir -p t/a t/b; for i in $(seq 300); do echo $i > t/a/$i; done; echo > grow");
    Process attack =
        new ProcessBuilder(
                "bash",
                "-c",
                "while [ ! -e ../stop ]; do head -c 100000 /dev/zero >> grow; mv t/a t/c; mv t/b"
                    + " t/a; mv t/c t/b; rm -rf swap; mkfifo swap; rm swap; mkdir swap; echo s >"
                    + " swap/s; rm -r swap; ln -s "
                    + secret
                    + " swap; mv -T swap t/a/link; rm -f t/a/link; echo $RANDOM > t/a/$RANDOM;"
                    + " if [ $(stat -c %s grow) -gt 20000000 ]; then : > grow; fi; done")
            .directory(source.toFile())
            .start();
    try {
      for (int i = 0; i < 12; i++) {
        sync();
      }
    } finally {
      // Killing the shell would leave a running child, so it is stopped by a file.
      Files.createFile(source.resolveSibling("stop"));
      attack.waitFor();
    }
    Instant still = Instant.now().minusSeconds(5);
    TreeCopy.sync(source, mirror, still, WIDE);
    assertThat(listing(mirror)).isEqualTo(listing(source).replaceAll("(?m)^.* p 0 \n", ""));
    assertThat(secret.toFile().list()).containsExactly("canary");
    try (var all = Files.walk(mirror)) {
      assertThat(all.filter(p -> p.endsWith("canary"))).isEmpty();
    }
  }

  /** A backup computes the digests of the sampled entries from the mirror. */
  @Test
  @Timeout(120)
  void theSampleDescribesTheMirrorAlthoughTheFileGrewDuringTheCopy() throws Exception {
    Path file = Files.createFile(source.resolve("grows"));
    AtomicBoolean stop = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!stop.get()) {
                    append(file);
                  }
                });
    try {
      for (int round = 0; round < 200; round++) {
        for (SampledEntry entry : sync().sample()) {
          assertThat(entry.size()).isEqualTo(Files.size(mirror.resolve(entry.path())));
        }
      }
    } finally {
      stop.set(true);
      writer.join();
    }
  }

  private static void append(Path file) {
    try {
      boolean large = Files.size(file) > 100_000;
      Files.write(
          file,
          new byte[100],
          large ? StandardOpenOption.TRUNCATE_EXISTING : StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFullDiskIsNamed() throws Exception {
    Files.write(source.resolve("a"), new byte[1 << 20], StandardOpenOption.CREATE);
    CopyLimits nothingLeft = new CopyLimits(0, Long.MAX_VALUE, () -> false, bytes -> {});
    assertThatThrownBy(() -> TreeCopy.sync(source, mirror, NEVER, nothingLeft))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("free some space");
    assertThat(Files.exists(source.resolve("a"), LinkOption.NOFOLLOW_LINKS)).isTrue();
  }
}
