package io.dropserver.sandbox.storage;

import io.dropserver.base.process.ProgramEnd;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.linux.FileOwner;
import io.dropserver.sandbox.linux.FileSystemSpace;
import io.dropserver.sandbox.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * One sparse ext4 image per data folder, mounted through a loop device. A write beyond its size, in
 * bytes or in files, fails with ENOSPC for that appspace alone. Needs {@code CAP_SYS_ADMIN} and
 * e2fsprogs.
 *
 * <p>The image is beside the folder as {@code volume.img}. It is created when the folder is first
 * opened, and existing contents of the folder move into it. {@link DiskGuard} limits how much
 * volumes may allocate to what the disk can back.
 */
public final class LoopStorage implements Storage {
  private static final String OPTIONS = "loop,nosuid,nodev,noatime,errors=remount-ro";
  private static final long FULL_BYTES = 64 << 10;

  /**
   * Marks a folder that was opened without a limit. The next call of {@link #open} checks the size
   * of its volume.
   */
  private static final long NO_LIMIT = 0;

  private final Consumer<String> steps;
  private final AbortableWork work = new AbortableWork();
  private final ConcurrentMap<Path, Object> locks = new ConcurrentHashMap<>();

  /** The mounted folders, with their requested limits. */
  private final ConcurrentMap<Path, Long> mounted = new ConcurrentHashMap<>();

  /** The file systems of the mounted folders. */
  private final ConcurrentMap<Path, MountedVolume> volumes = new ConcurrentHashMap<>();

  private final DiskGuard guard;

  /**
   * Takes over a folder: unmounts volumes below it that an earlier server left.
   *
   * @param root folder above all data folders
   */
  public static LoopStorage takeOver(Path root) {
    return takeOver(root, step -> {});
  }

  static LoopStorage takeOver(Path root, Consumer<String> steps) {
    Mounts.detachBelow(root);
    return new LoopStorage(root, steps);
  }

  private LoopStorage(Path root, Consumer<String> steps) {
    this.steps = steps;
    this.guard = new DiskGuard(root, volumes::values);
  }

  @Override
  public Volume open(Path folder, int uid, long limitBytes) {
    synchronized (lock(folder)) {
      Volume volume = opened(folder, uid, limitBytes);
      MountedVolume file = volumes.get(folder);
      if (file != null && file.setUsed(true)) {
        guard.measureBeforeWrites(file.isFresh());
      }
      return volume;
    }
  }

  private Volume opened(Path folder, int uid, long limitBytes) {
    synchronized (lock(folder)) {
      Long before = mounted.get(folder);
      if (before != null && before == limitBytes) {
        return volume(folder, limitBytes);
      }
      if (before != null && before == NO_LIMIT && hasSize(folder, limitBytes)) {
        // The volume is mounted only for reading and is not remounted, because a copy of it may be
        // in progress.
        mounted.put(folder, limitBytes);
        return volume(folder, limitBytes);
      }
      // Growing a mounted file system requires CAP_SYS_RESOURCE of the initial namespace. Resizing
      // an unmounted one works everywhere, in both directions.
      release(folder);
      SoftStorage.prepare(folder, uid);
      VolumeImage image = VolumeImage.of(folder, work, steps);
      takeOver(image);
      LoopDevice.createMissingNodes();
      image.createOrResize(uid, limitBytes);
      mount(image);
      Volume volume = volume(folder, limitBytes);
      boolean asWanted = volume.limitBytes() == VolumeImage.size(limitBytes);
      mounted.put(folder, asWanted ? limitBytes : NO_LIMIT);
      return volume;
    }
  }

  private static boolean hasSize(Path folder, long limitBytes) {
    return Ext4Superblock.read(VolumeImage.imageOf(folder)).sizeBytes()
        == VolumeImage.size(limitBytes);
  }

  @Override
  public void moveIntoVolume(Path folder, int uid, long limitBytes) {
    synchronized (lock(folder)) {
      open(folder, uid, limitBytes);
      release(folder);
    }
  }

  @Override
  public void abortMoves() {
    work.stop();
  }

  @Override
  public void makeReadable(Path folder) {
    synchronized (lock(folder)) {
      VolumeImage image = VolumeImage.of(folder, work, steps);
      if (!mounted.containsKey(folder) && image.exists()) {
        takeOver(image);
        LoopDevice.createMissingNodes();
        mount(image);
        mounted.put(folder, NO_LIMIT);
      }
    }
  }

  /**
   * Waits for programs of a killed server, and unmounts the image if such a program has mounted it
   * since the storage was opened.
   */
  private static void takeOver(VolumeImage image) {
    if (image.exists()) {
      image.awaitPrograms();
      Mounts.detach(image.folder());
    }
  }

  private static Volume volume(Path folder, long wanted) {
    Ext4Superblock found = Ext4Superblock.read(VolumeImage.imageOf(folder));
    long target = VolumeImage.size(wanted);
    String detail = "its own volume, " + mebibytes(found.sizeBytes());
    if (found.sizeBytes() > target && space(folder).usedBytes() >= target / 2) {
      detail += ", kept because the stored data needs more than " + mebibytes(wanted);
    } else if (found.sizeBytes() != target) {
      detail += ", to be " + mebibytes(wanted) + " at a later start";
    }
    return new Volume(folder, true, found.sizeBytes(), detail);
  }

  private static FileSystemSpace space(Path folder) {
    try {
      return FileSystemSpace.of(folder);
    } catch (IOException e) {
      throw new StorageException("cannot measure the volume " + folder + ": " + e, e);
    }
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }

  private void mount(VolumeImage image) {
    String[] command = {
      "mount", "-t", "ext4", "-o", OPTIONS, image.image().toString(), image.folder().toString()
    };
    if (image.runExclusively(command).status() != 0) {
      image.repair();
      ProgramEnd again = image.runExclusively(command);
      if (again.status() != 0) {
        throw new StorageException(
            "the volume " + image.image() + " cannot be mounted: " + again.output().strip());
      }
    }
    LoopDevice.bypassPageCache(image.image(), image.folder());
    try {
      removeLostAndFound(image.folder());
      Files.setPosixFilePermissions(image.folder(), PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new StorageException("cannot prepare the volume at " + image.folder() + ": " + e, e);
    }
    volumes.put(image.folder(), MountedVolume.of(image));
  }

  /** Deletes {@code lost+found}, which belongs to root, unless a check has saved files in it. */
  private static void removeLostAndFound(Path folder) throws IOException {
    Path found = folder.resolve("lost+found");
    if (Files.isDirectory(found, LinkOption.NOFOLLOW_LINKS) && FileOwner.of(found) == 0) {
      try {
        Files.delete(found);
      } catch (java.nio.file.DirectoryNotEmptyException rescued) {
        // Keep it for the operator to examine.
      }
    }
  }

  @Override
  public Stored stored(Path folder) {
    synchronized (lock(folder)) {
      if (mounted.containsKey(folder)) {
        FileSystemSpace space = space(folder);
        MountedVolume volume = volumes.get(folder);
        boolean heldBack = volume != null && volume.isLimitedByDisk();
        long available = heldBack ? space.freeBytes() : space.availableBytes();
        boolean full = available < FULL_BYTES || space.freeFiles() == 0;
        return new Stored(space.usedBytes(), full, heldBack && !full);
      }
      VolumeImage image = VolumeImage.of(folder, work, steps);
      return image.exists()
          ? new Stored(Ext4Superblock.read(image.image()).usedBytes(), false, false)
          : new Stored(FolderContents.of(folder).bytes(), false, false);
    }
  }

  @Override
  public void release(Path folder) {
    synchronized (lock(folder)) {
      if (mounted.containsKey(folder)) {
        unmount(VolumeImage.of(folder, work, steps));
        mounted.remove(folder);
      }
    }
  }

  private void unmount(VolumeImage image) {
    MountedVolume volume = volumes.get(image.folder());
    boolean failed = volume != null && volume.hasFailed();
    if (volume != null) {
      if (!failed) {
        volume.trim();
      }
      volume.close();
    }
    String[] command = {"umount", image.folder().toString()};
    ProgramEnd unmounted = image.runExclusively(command);
    if (unmounted.status() != 0) {
      if (volume != null) {
        volume.reopen();
      }
      Command.requireSuccess(unmounted, command);
    }
    volumes.remove(image.folder());
    if (failed) {
      image.check();
    }
  }

  @Override
  public void markUnused(Path folder) {
    MountedVolume volume = volumes.get(folder);
    if (volume != null) {
      volume.setUsed(false);
    }
  }

  @Override
  public void setWriters(Writers writers) {
    guard.setWriters(writers);
  }

  @Override
  public boolean diskFull() {
    return guard.isFull();
  }

  @Override
  public Layer layer() {
    return new Layer(VolumeHost.STORAGE, true, "a loop-mounted volume for each appspace", "");
  }

  @Override
  public void close() {
    guard.close();
    for (Path folder : mounted.keySet()) {
      try {
        release(folder);
      } catch (StorageException inUse) {
        Mounts.detach(folder);
        mounted.remove(folder);
      }
    }
  }

  private Object lock(Path folder) {
    return locks.computeIfAbsent(folder, key -> new Object());
  }
}
