package io.dropserver.sandbox.storage;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.state.AtomicFiles;
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
 * The image file of one volume, while it is not mounted. It is created and shrunk as a draft that
 * replaces it when complete. So at any time, including a power failure, either the plain folder,
 * the old image or the new image contains all the data.
 *
 * @param image {@code volume.img}
 * @param folder where it is mounted
 * @param work runs operations that take long
 * @param steps receives each completed step; tests use it to simulate a crash
 */
record VolumeImage(Path image, Path folder, AbortableWork work, Consumer<String> steps) {
  static final String NAME = "volume.img";

  /** The minimum size of a volume. A smaller ext4 file system has no room for its own tables. */
  static final long SMALLEST_BYTES = 2L << 20;

  private static final long BLOCK = 4096;

  /**
   * A journal takes 4 MiB, which is too much for a tiny volume. Such a volume is checked after a
   * crash instead.
   */
  static final long SMALLEST_WITH_JOURNAL = 32L << 20;

  private static final String DRAFT = NAME + ".new";
  private static final int BUSY_TRIES = 20;

  /** The exit status of a program whose server has ended. */
  static final int ORPHANED = 75;

  static VolumeImage of(Path folder, AbortableWork work, Consumer<String> steps) {
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

  /**
   * Creates the image or resizes it, as far as the stored data and other users of the image allow.
   */
  void createOrResize(int uid, long limitBytes) {
    long target = size(limitBytes);
    try {
      deleteDrafts();
      if (exists()) {
        new PlainFolder(this).finishMove();
        resize(target);
      } else {
        new PlainFolder(this).moveIntoImage(uid, target);
      }
    } catch (IOException e) {
      throw new StorageException("cannot prepare the volume " + image + ": " + e, e);
    }
  }

  /** Repairs the file system after a crash or an error. The image must not be mounted. */
  void repair() {
    runExclusively("e2fsck", "-fy", image.toString());
  }

  /**
   * Repairs after an error, once the image is unmounted. If it is still in use, a later start
   * repairs it.
   */
  void check() {
    if (isUnused()) {
      repair();
    }
  }

  private void resize(long target) throws IOException {
    Ext4Superblock found = Ext4Superblock.read(image);
    if (found.clean() && found.sizeBytes() == target) {
      return;
    }
    if (!isUnused()) {
      // The image is still mounted elsewhere. Mounting it again uses the same file system. A later
      // start will resize it.
      return;
    }
    if (!found.clean()) {
      repair();
      found = Ext4Superblock.read(image);
    }
    if (found.sizeBytes() < target) {
      grow(found, target);
    } else if (found.sizeBytes() > target && found.usedBytes() < target) {
      shrink(target);
    }
  }

  /** Grows in place. Existing data is not moved, and a check repairs the effects of a crash. */
  private void grow(Ext4Superblock found, long target) throws IOException {
    truncate(image, target);
    steps.accept("lengthened");
    runExclusively("e2fsck", "-fp", image.toString());
    ProgramEnd grown = runExclusively("resize2fs", image.toString());
    if (grown.status() != 0) {
      runExclusively("e2fsck", "-fy", image.toString());
      throw new StorageException("the volume " + image + " cannot grow: " + grown.output().strip());
    }
    if (!found.journal() && target >= SMALLEST_WITH_JOURNAL) {
      runExclusively("tune2fs", "-J", "size=4", image.toString());
    }
    sync(image);
    steps.accept("grown");
  }

  /** Shrinks a copy, because shrinking moves data. resize2fs refuses if too much is stored. */
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
      Command.runUnchecked("tune2fs", "-O", "^has_journal", draft().toString());
    }
    Command.runUnchecked("e2fsck", "-fy", draft().toString());
    if (Command.runUnchecked("resize2fs", draft().toString(), (target >> 10) + "K").status() != 0) {
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
   * Runs a program with exclusive access to the image. A program of an earlier server may still be
   * working on it, so flock(1) waits. A program that has not started by the time its server is
   * killed never starts.
   */
  ProgramEnd runExclusively(String... command) {
    return Command.runUnchecked(exclusively(ProcessHandle.current().pid(), command));
  }

  /**
   * @param server the process that must still be the parent once the lock is acquired
   */
  String[] exclusively(long server, String... command) {
    List<String> locked =
        new ArrayList<>(
            List.of("flock", "--no-fork", "--timeout", "60", image.toString(), "/bin/sh", "-c"));
    locked.add("[ \"$PPID\" = \"$0\" ] || exit " + ORPHANED + "; exec \"$@\"");
    locked.add(Long.toString(server));
    locked.add(Program.find(command[0]).map(Path::toString).orElse(command[0]));
    locked.addAll(Arrays.asList(command).subList(1, command.length));
    return locked.toArray(String[]::new);
  }

  /** Waits until all programs that an earlier server started on the image have ended. */
  void awaitPrograms() {
    runExclusively("true");
  }

  /**
   * Returns whether the image is not mounted, so that it may be changed. Waits briefly for an
   * unmount in progress. A detached mount persists until every mount namespace that was copied from
   * it has ended.
   */
  private boolean isUnused() {
    for (int tries = 0; tries < BUSY_TRIES; tries++) {
      if (Command.run("losetup", "--associated", image.toString()).isBlank()) {
        return true;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    return false;
  }

  /**
   * Replaces the image once it is complete. Each server uses a different name, so that a program
   * left by a killed server cannot write into the draft of the next one.
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
      throw new IllegalArgumentException("a volume must be in its own folder: " + image);
    }
    return parent;
  }

  static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /**
   * Sets a file's length without writing: the extension is a hole. Not done by an external program,
   * which could run after its server was killed and truncate a file that another server has
   * extended.
   */
  static void truncate(Path file, long bytes) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(bytes);
    }
  }
}
