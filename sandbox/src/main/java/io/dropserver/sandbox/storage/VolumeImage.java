package io.dropserver.sandbox.storage;

import io.dropserver.schema.state.AtomicFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The image file of one volume, while it is not mounted. It comes to be, and becomes smaller, as a
 * draft that takes its place when it is whole; so at any instant, a power cut included, either the
 * plain folder or the old image or the new one holds everything.
 *
 * @param image {@code volume.img}
 * @param folder where it is mounted
 * @param work by which what takes long is done
 * @param steps told each step after it is done; a test dies there
 */
record VolumeImage(Path image, Path folder, LongWork work, Consumer<String> steps) {
  static final String NAME = "volume.img";

  /** Below this size ext4 has no room for its own tables. */
  static final long SMALLEST_BYTES = 2L << 20;

  private static final long BLOCK = 4096;

  /** A journal takes 4 MiB: too much of a tiny volume, which is checked after a crash instead. */
  static final long SMALLEST_WITH_JOURNAL = 32L << 20;

  private static final String DRAFT = NAME + ".new";
  private static final int BUSY_TRIES = 20;

  /** Of a program whose server is gone. */
  static final int ORPHANED = 75;

  static VolumeImage of(Path folder, LongWork work, Consumer<String> steps) {
    return new VolumeImage(imageOf(folder), folder, work, steps);
  }

  static Path imageOf(Path folder) {
    return folder.resolveSibling(NAME);
  }

  boolean exists() {
    return Files.exists(image, LinkOption.NOFOLLOW_LINKS);
  }

  static long size(long limitBytes) {
    return Math.max(limitBytes / BLOCK * BLOCK, SMALLEST_BYTES);
  }

  /** Exists, and has the size where what is stored, and who uses it, allow that. */
  void bring(int uid, long limitBytes) {
    long target = size(limitBytes);
    try {
      deleteDrafts();
      if (exists()) {
        new PlainFolder(this).finishMove();
        resize(target);
      } else {
        new PlainFolder(this).become(uid, target);
      }
    } catch (IOException e) {
      throw new StorageException("cannot make the volume " + image + " ready: " + e, e);
    }
  }

  /** After a crash or an error, as after a power cut. Only while nothing has it mounted. */
  void repair() {
    edit("e2fsck", "-fy", image.toString());
  }

  /**
   * After an error, once it is unmounted. A later start checks it where that is not possible now.
   */
  void check() {
    if (unused()) {
      repair();
    }
  }

  private void resize(long target) throws IOException {
    Ext4 found = Ext4.read(image);
    if (found.clean() && found.sizeBytes() == target) {
      return;
    }
    if (!unused()) {
      // Mounted once more it is the same file system; its size has time until a later start.
      return;
    }
    if (!found.clean()) {
      repair();
      found = Ext4.read(image);
    }
    if (found.sizeBytes() < target) {
      grow(found, target);
    } else if (found.sizeBytes() > target && found.usedBytes() < target) {
      shrink(target);
    }
  }

  /** In place: what is there is not moved, and a check mends what a crash cut short. */
  private void grow(Ext4 found, long target) throws IOException {
    truncate(image, target);
    steps.accept("lengthened");
    edit("e2fsck", "-fp", image.toString());
    Command.Finished grown = edit("resize2fs", image.toString());
    if (grown.status() != 0) {
      edit("e2fsck", "-fy", image.toString());
      throw new StorageException("the volume " + image + " cannot grow: " + grown.output().strip());
    }
    if (!found.journal() && target >= SMALLEST_WITH_JOURNAL) {
      edit("tune2fs", "-J", "size=4", image.toString());
    }
    sync(image);
    steps.accept("grown");
  }

  /** On a copy, since it moves what is there. Refused by resize2fs where too much is stored. */
  private void shrink(long target) throws IOException {
    work.run(
        "cp",
        "--sparse=always",
        "--reflink=auto",
        "--preserve=mode",
        image.toString(),
        draft().toString());
    steps.accept("copied");
    if (target < SMALLEST_WITH_JOURNAL) {
      Command.runAnyway("tune2fs", "-O", "^has_journal", draft().toString());
    }
    Command.runAnyway("e2fsck", "-fy", draft().toString());
    if (Command.runAnyway("resize2fs", draft().toString(), (target >> 10) + "K").status() != 0) {
      Files.delete(draft());
      return;
    }
    truncate(draft(), target);
    sync(draft());
    steps.accept("shrunk");
    Files.move(draft(), image, StandardCopyOption.ATOMIC_MOVE);
    AtomicFiles.syncFolder(parent());
    steps.accept("replaced");
  }

  /**
   * Runs a program on the image, alone. One that an earlier server started may still be at work on
   * it: flock(1) waits for that. One that had not begun when its server was killed never begins.
   */
  Command.Finished edit(String... command) {
    return Command.runAnyway(alone(ProcessHandle.current().pid(), command));
  }

  /**
   * @param server whose child it must still be once it has the image for itself
   */
  String[] alone(long server, String... command) {
    List<String> locked =
        new ArrayList<>(
            List.of("flock", "--no-fork", "--timeout", "60", image.toString(), "/bin/sh", "-c"));
    locked.add("[ \"$PPID\" = \"$0\" ] || exit " + ORPHANED + "; exec \"$@\"");
    locked.add(Long.toString(server));
    locked.add(Command.find(command[0]).map(Path::toString).orElse(command[0]));
    locked.addAll(Arrays.asList(command).subList(1, command.length));
    return locked.toArray(String[]::new);
  }

  /** Returns when no program of an earlier server is at work on the image. */
  void awaitPrograms() {
    edit("true");
  }

  /**
   * Whether it may be edited: not while it is mounted. A mount that was taken away lives on until
   * the last mount namespace is gone that was copied meanwhile.
   */
  private boolean unused() {
    for (int tries = 0; tries < BUSY_TRIES; tries++) {
      if (Command.run("losetup", "--associated", image.toString()).isBlank()) {
        return true;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    return false;
  }

  /**
   * What takes the image's place once it is whole. Each server calls it by a name of its own: a
   * program that a killed one had just begun finds nothing of the next one's to write into.
   */
  Path draft() {
    return image.resolveSibling(DRAFT + "-" + work.id());
  }

  private void deleteDrafts() throws IOException {
    try (DirectoryStream<Path> drafts = Files.newDirectoryStream(parent(), DRAFT + "*")) {
      for (Path draft : drafts) {
        Files.deleteIfExists(draft);
      }
    }
  }

  Path parent() {
    Path parent = image.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("a volume lies in a folder of its own: " + image);
    }
    return parent;
  }

  static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /**
   * Sets a file's length without writing: a hole, not zeros. By no program, which could come to it
   * only when its server is dead and another one has made the file longer.
   */
  static void truncate(Path file, long bytes) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(bytes);
    }
  }
}
