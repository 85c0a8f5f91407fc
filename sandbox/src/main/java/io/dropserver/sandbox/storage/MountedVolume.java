package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.linux.FileStatus;
import io.dropserver.sandbox.linux.FileSystemSpace;
import io.dropserver.schema.state.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file system of one volume from mount to unmount: what it occupies, and how much more it may
 * allocate. Safe for use by several threads.
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

  /** What ext4 keeps for its own metadata when data is written late. */
  private final long leastReserved;

  /** Held during a trim, which an unmount waits for: both would find the other in the way. */
  private final Object trimming = new Object();

  /** Whether a sandbox may write to it. */
  private volatile boolean used;

  // guarded by this, all below
  private boolean closed;
  private long mostAllocated;
  private long backedBefore = -1;
  private long window = UNLIMITED;

  /**
   * Bytes of the file system at one instant.
   *
   * @param allocated by files and by the file system's own tables
   * @param delayed acknowledged data without a place yet
   * @param free what is left of the volume, whatever the disk can back
   * @param backed blocks of the disk that the image occupies
   * @param grown blocks that it gained since the last measurement; negative when it lost some
   * @param freed allocated earlier, and possibly still occupying blocks of the disk
   */
  record Use(long allocated, long delayed, long free, long backed, long grown, long freed) {

    /** What was promised and still needs blocks of the disk. */
    long unbacked() {
      return Math.max(0, allocated - backed + freed) + delayed;
    }
  }

  private MountedVolume(VolumeImage image, LoopDevice device, Ext4 made) {
    this.image = image;
    this.device = device;
    this.control = Ext4Control.of(device);
    this.bytes = made.sizeBytes();
    this.blockBytes = made.blockBytes();
    this.leastReserved = control.reservedBlocks();
  }

  /** Of an image that has just been mounted. */
  static MountedVolume of(VolumeImage image) {
    try {
      return new MountedVolume(image, LoopDevice.below(image.folder()), Ext4.read(image.image()));
    } catch (IOException e) {
      throw new StorageException("cannot find the loop device of " + image.image() + ": " + e, e);
    }
  }

  Path folder() {
    return image.folder();
  }

  /**
   * @return whether that has changed
   */
  boolean use(boolean byASandbox) {
    boolean before = used;
    used = byASandbox;
    return before != byASandbox;
  }

  boolean isUsed() {
    return used;
  }

  /** Empty when it was unmounted meanwhile. */
  synchronized Optional<Use> measure() {
    if (closed || !isMounted()) {
      return Optional.empty();
    }
    try {
      FileSystemSpace space = FileSystemSpace.of(image.folder());
      long delayed = control.delayedBlocks() * blockBytes;
      // Free space is told less what is delayed.
      long allocated = bytes - space.freeBytes() - delayed;
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

  /**
   * Lets it allocate that much from now on, and answers ENOSPC beyond.
   *
   * @param free of the newest measurement
   * @return false where this machine cannot enforce that
   */
  synchronized boolean admit(long allowed, long free) {
    if (closed) {
      return true;
    }
    window = allowed;
    long reserved = Math.max(leastReserved, (free - Math.min(free, allowed)) / blockBytes);
    return control.reserveBlocks(reserved);
  }

  /** Whether nothing limits yet what it may allocate. */
  synchronized boolean isFresh() {
    return window == UNLIMITED;
  }

  /** Whether the disk, not the volume's own size, is what refuses writes. */
  synchronized boolean isHeldBack() {
    return window < MEBIBYTE;
  }

  /** Whether an I/O error has turned it read-only. */
  synchronized boolean hasFailed() {
    return !closed && isMounted() && control.errors() > 0;
  }

  /** Gives the blocks of deleted files back to the disk. Takes as long as a flush. */
  void trim() {
    synchronized (trimming) {
      trimAlone();
    }
  }

  private void trimAlone() {
    if (isClosed()) {
      return;
    }
    try {
      // Blocks of deleted files are free only once the transaction that frees them is on disk.
      AtomicFiles.syncFileSystem(image.folder());
    } catch (IOException failed) {
      LOG.debug("{} is not flushed: {}", image.folder(), failed.toString());
    }
    Command.Finished trimmed = Command.runAnyway("fstrim", image.folder().toString());
    if (trimmed.status() != 0) {
      LOG.debug("{} is not trimmed: {}", image.folder(), trimmed.output().strip());
    }
    synchronized (this) {
      mostAllocated = 0;
    }
  }

  private synchronized boolean isClosed() {
    return closed || !isMounted();
  }

  /** Not once another program has unmounted it: its folder is the disk's own then. */
  private boolean isMounted() {
    try {
      return LoopDevice.below(image.folder()).equals(device);
    } catch (IOException unmounted) {
      return false;
    }
  }

  /** From now on nothing is measured or set; the caller unmounts it. */
  void close() {
    synchronized (trimming) {
      synchronized (this) {
        closed = true;
      }
    }
  }

  /** It could not be unmounted. */
  synchronized void reopen() {
    closed = false;
  }
}
