package io.dropserver.sandbox.storage;

import io.dropserver.base.process.ProgramEnd;
import io.dropserver.sandbox.linux.FileStatus;
import io.dropserver.sandbox.linux.FileSystemSpace;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the mounted file system of one volume, and limits how much more it may allocate.
 * Thread-safe.
 */
final class MountedVolume {
  private static final Logger LOG = LoggerFactory.getLogger(MountedVolume.class);
  private static final long MEBIBYTE = 1L << 20;
  private static final long UNLIMITED = Long.MAX_VALUE;

  private final VolumeImage image;
  private final Ext4Control control;
  private final long bytes;
  private final long blockBytes;
  private final LoopDevice device;

  /** The blocks that ext4 reserves for its own metadata with delayed allocation. */
  private final long leastReserved;

  /**
   * A lock that is held during a trim. An unmount waits for this lock, because a trim and an
   * unmount would block each other.
   */
  private final Object trimming = new Object();

  /** Whether a sandbox may write to the volume. */
  private volatile boolean used;

  // guarded by this, as are all fields below
  private boolean closed;
  private long mostAllocated;
  private long backedBefore = -1;
  private long window = UNLIMITED;

  /**
   * Sizes at one point in time, in bytes.
   *
   * @param allocated by files and by the file system's own tables
   * @param delayed acknowledged data that is not allocated yet
   * @param free free space in the volume, whether or not the disk can back it
   * @param backed blocks of the disk that the image occupies
   * @param grown blocks gained since the last measurement; negative if it lost some
   * @param freed data of deleted files that may still occupy blocks of the disk
   */
  record Use(long allocated, long delayed, long free, long backed, long grown, long freed) {

    /** Promised data that still needs blocks of the disk. */
    long unbacked() {
      return Math.max(0, allocated - backed + freed) + delayed;
    }
  }

  private MountedVolume(VolumeImage image, LoopDevice device, Ext4Superblock made) {
    this.image = image;
    this.device = device;
    this.control = Ext4Control.of(device);
    this.bytes = made.sizeBytes();
    this.blockBytes = made.blockBytes();
    this.leastReserved = control.reservedBlocks();
  }

  /** Creates the object for an image that has just been mounted. */
  static MountedVolume of(VolumeImage image) {
    try {
      return new MountedVolume(
          image, LoopDevice.below(image.folder()), Ext4Superblock.read(image.image()));
    } catch (IOException e) {
      throw new StorageException("cannot find the loop device of " + image.image() + ": " + e, e);
    }
  }

  Path folder() {
    return image.folder();
  }

  /**
   * @return whether the value has changed
   */
  boolean setUsed(boolean byASandbox) {
    boolean before = used;
    used = byASandbox;
    return before != byASandbox;
  }

  boolean isUsed() {
    return used;
  }

  /** Measures the volume. Returns empty if the volume has been unmounted. */
  synchronized Optional<Use> measure() {
    if (closed || !isMounted()) {
      return Optional.empty();
    }
    try {
      FileSystemSpace space = FileSystemSpace.of(image.folder());
      long delayed = control.delayedBlocks() * blockBytes;
      long allocated = allocated(space, delayed);
      long backed = FileStatus.of(image.image()).allocatedBytes();
      long grown = backedBefore < 0 ? 0 : backed - backedBefore;
      backedBefore = backed;
      mostAllocated = Math.max(mostAllocated, allocated);
      return Optional.of(
          new Use(allocated, delayed, space.freeBytes(), backed, grown, mostAllocated - allocated));
    } catch (IOException e) {
      throw new StorageException("cannot measure the volume " + image.image() + ": " + e, e);
    }
  }

  /** The function statvfs(3) has already subtracted delayed blocks from the free blocks. */
  private long allocated(FileSystemSpace space, long delayed) {
    return bytes - space.freeBytes() - delayed;
  }

  /**
   * Sets how much the volume may allocate from now on. Writes beyond the limit fail with ENOSPC.
   *
   * @param free from the latest measurement
   * @return false if this machine cannot enforce it
   */
  synchronized boolean allowAllocation(long allowed, long free) {
    if (closed) {
      return true;
    }
    window = allowed;
    long reserved = Math.max(leastReserved, (free - Math.min(free, allowed)) / blockBytes);
    return control.reserveBlocks(reserved);
  }

  /** Returns whether no allocation limit has been set yet. */
  synchronized boolean isFresh() {
    return window == UNLIMITED;
  }

  /** Returns whether the disk, rather than the volume's own size, prevents writes. */
  synchronized boolean isLimitedByDisk() {
    return window < MEBIBYTE;
  }

  /** Returns whether an I/O error has made the volume read-only. */
  synchronized boolean hasFailed() {
    return !closed && isMounted() && control.errors() > 0;
  }

  /**
   * Returns the blocks of deleted files to the disk. Blocks for as long as a flush of the file
   * system takes.
   */
  void trim() {
    synchronized (trimming) {
      trimAlone();
    }
  }

  private void trimAlone() {
    if (isClosed()) {
      return;
    }
    long before = 0;
    try {
      before = allocated(FileSystemSpace.of(image.folder()), control.delayedBlocks() * blockBytes);
      // Blocks of deleted files become free only once the transaction that deletes them is on disk.
      AtomicFiles.syncFileSystem(image.folder());
    } catch (IOException failed) {
      LOG.debug("{} is not flushed: {}", image.folder(), failed.toString());
    }
    ProgramEnd trimmed = Command.runUnchecked("fstrim", image.folder().toString());
    if (trimmed.status() != 0) {
      LOG.debug("{} is not trimmed: {}", image.folder(), trimmed.output().strip());
    }
    synchronized (this) {
      // Data that was deleted meanwhile may still occupy blocks.
      mostAllocated = before;
    }
  }

  private synchronized boolean isClosed() {
    return closed || !isMounted();
  }

  /**
   * Returns whether the volume is still mounted. If another program has unmounted it, the folder is
   * on the underlying disk.
   */
  private boolean isMounted() {
    try {
      return LoopDevice.below(image.folder()).equals(device);
    } catch (IOException unmounted) {
      return false;
    }
  }

  /** Stops measurements and limits. The caller unmounts the volume afterwards. */
  void close() {
    synchronized (trimming) {
      synchronized (this) {
        closed = true;
      }
    }
  }

  /** Resumes measurements and limits after a failed unmount. */
  synchronized void reopen() {
    closed = false;
  }
}
