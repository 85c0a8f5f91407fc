package io.dropserver.sandbox.storage;

import io.dropserver.schema.state.AtomicFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The image file of one volume, while it is not mounted. It comes to be, and becomes smaller, as a
 * draft that takes its place when it is whole; so at any instant, a power cut included, either the
 * plain folder or the old image or the new one holds everything.
 *
 * @param image {@code volume.img}
 * @param folder where it is mounted
 * @param steps told each step after it is done; a test dies there
 */
record VolumeImage(Path image, Path folder, Consumer<String> steps) {
  static final String NAME = "volume.img";

  /** Below this size ext4 has no room for its own tables. */
  static final long SMALLEST_BYTES = 2L << 20;

  private static final long BLOCK = 4096;

  /** A journal takes 4 MiB: too much of a tiny volume, which is checked after a crash instead. */
  private static final long SMALLEST_WITH_JOURNAL = 32L << 20;

  private static final String DRAFT = NAME + ".new";
  private static final String MOVING = NAME + ".moving";
  private static final String FILLING = NAME + ".filling";
  private static final int BUSY_TRIES = 20;

  static VolumeImage of(Path folder, Consumer<String> steps) {
    return new VolumeImage(folder.resolveSibling(NAME), folder, steps);
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
      Files.deleteIfExists(draft());
      if (exists()) {
        finishMove();
        resize(target);
      } else {
        create(uid, target);
      }
    } catch (IOException e) {
      throw new StorageException("cannot make the volume " + image + " ready: " + e, e);
    }
  }

  /** After a crash or an error, as after a power cut. Only while nothing has it mounted. */
  void repair() {
    edit("e2fsck", "-fy", image.toString());
  }

  private void create(int uid, long target) throws IOException {
    FolderContents contents = FolderContents.of(folder);
    // Tables for its files, and room for the folders that hold their names.
    long needed = contents.bytes() + contents.bytes() / 32 + contents.files() * 512 + (8L << 20);
    long size = contents.files() == 0 ? target : Math.max(target, size(needed));
    Files.createFile(
        draft(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    truncate(draft(), size);
    Command.run(format(size, contents, contents.files() == 0 ? uid : SoftStorage.owner(folder)));
    if (contents.files() > 0) {
      fill();
    }
    sync(draft());
    steps.accept("formatted");
    if (contents.files() > 0) {
      Files.deleteIfExists(moving());
      Files.createFile(moving());
      AtomicFiles.syncFolder(parent());
      steps.accept("marked");
    }
    Files.move(draft(), image, StandardCopyOption.ATOMIC_MOVE);
    AtomicFiles.syncFolder(parent());
    steps.accept("moved");
    finishMove();
  }

  /**
   * Copies owners, modes, times, links and holes, and follows no symlink. {@code mke2fs -d} goes
   * through a whole folder for each name that it adds: minutes for one of 100,000 files. In a mount
   * namespace of its own nothing is left mounted, whatever is killed.
   */
  private void fill() throws IOException {
    Path mount = Files.createDirectories(image.resolveSibling(FILLING));
    Command.run(
        "unshare",
        "--mount",
        "sh",
        "-ec",
        "mount -t ext4 -o loop,noatime \"$1\" \"$3\"; cp -a \"$2/.\" \"$3\"; umount \"$3\"",
        "sh",
        draft().toString(),
        folder.toString(),
        mount.toString());
    Files.delete(mount);
  }

  private String[] format(long size, FolderContents contents, int owner) {
    List<String> command = new ArrayList<>(List.of("mke2fs", "-t", "ext4", "-q", "-F"));
    // No reserved blocks: all of it is the appspace's.
    command.addAll(List.of("-m", "0"));
    command.addAll(
        size < SMALLEST_WITH_JOURNAL ? List.of("-O", "^has_journal") : List.of("-J", "size=4"));
    command.addAll(
        List.of(
            "-E",
            "lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=" + owner + ":" + owner));
    if (contents.files() > 0) {
      long inodes = Math.max(contents.files() + contents.files() / 4 + 64, size >> 14);
      command.addAll(List.of("-N", Long.toString(inodes)));
    }
    command.add(draft().toString());
    return command.toArray(String[]::new);
  }

  /**
   * Empties the plain folder whose contents are in the volume now. Without the mark nobody knows
   * which of the two is meant, and nothing is deleted.
   */
  private void finishMove() throws IOException {
    if (Files.exists(moving())) {
      try (Stream<Path> entries = Files.list(folder)) {
        for (Path entry : entries.toList()) {
          AtomicFiles.deleteTree(entry);
          steps.accept("emptying");
        }
      }
      AtomicFiles.syncFolder(folder);
      Files.delete(moving());
      AtomicFiles.syncFolder(parent());
    }
    try (Stream<Path> entries = Files.list(folder)) {
      if (entries.findAny().isPresent()) {
        throw new StorageException(
            "there is data both in "
                + folder
                + " and in "
                + image
                + "; move away the one that is not to be used");
      }
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
    Command.run(
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
   * A program that an earlier server started may still be at work on the image: flock(1) waits for
   * it.
   */
  Command.Finished edit(String... command) {
    List<String> locked = new ArrayList<>(List.of("flock", "--timeout", "60", image.toString()));
    locked.addAll(Arrays.asList(command));
    return Command.runAnyway(locked.toArray(String[]::new));
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

  private Path draft() {
    return image.resolveSibling(DRAFT);
  }

  private Path moving() {
    return image.resolveSibling(MOVING);
  }

  private Path parent() {
    Path parent = image.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("a volume lies in a folder of its own: " + image);
    }
    return parent;
  }

  private static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Sets a file's length without writing: a hole, not zeros. */
  private static void truncate(Path file, long bytes) {
    Command.run("truncate", "-s", Long.toString(bytes), file.toString());
  }
}
