package io.dropserver.state;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The space of a folder's disk at one instant.
 *
 * @param total size of the file system in bytes
 * @param free bytes that an unprivileged process can still allocate
 */
public record DiskSpace(Path folder, long total, long free) {
  private static final long MEBIBYTE = 1L << 20;

  /** The divisor of the reserve: one fortieth of the disk stays free for the server itself. */
  private static final int RESERVE_SHARE = 40;

  private static final long MIN_RESERVE = 32 * MEBIBYTE;
  private static final long MAX_RESERVE = 1024 * MEBIBYTE;

  private static final int LOW_SHARE = 20;
  private static final long MIN_LOW = 256 * MEBIBYTE;
  private static final long MAX_LOW = 2048 * MEBIBYTE;

  /**
   * @throws StateException if the disk space cannot be determined
   */
  public static DiskSpace of(Path folder) {
    try {
      FileStore disk = Files.getFileStore(folder);
      return new DiskSpace(folder, disk.getTotalSpace(), disk.getUsableSpace());
    } catch (IOException e) {
      throw new StateException(
          "the free space on the disk of " + folder + " cannot be read: " + e, e);
    }
  }

  /**
   * Returns the bytes that are reserved for the server's own state and for data that apps have
   * already stored.
   */
  public long reserve() {
    return Math.clamp(total / RESERVE_SHARE, MIN_RESERVE, MAX_RESERVE);
  }

  /** Returns the free bytes above the reserve; negative if the reserve is in use. */
  public long aboveReserve() {
    return free - reserve();
  }

  /**
   * Returns whether less than one twentieth is free. The threshold is at least 256 MiB and at most
   * 2 GiB.
   */
  public boolean isLow() {
    return free < Math.clamp(total / LOW_SHARE, MIN_LOW, MAX_LOW);
  }

  /** Returns a clause for a message: which disk is full, and how much space to free. */
  public String remedy() {
    long wanted = Math.max(reserve() + reserve() / 2 - free, MEBIBYTE);
    return "the disk of "
        + folder
        + " is full ("
        + free / MEBIBYTE
        + " MiB left): free at least "
        + (wanted + MEBIBYTE - 1) / MEBIBYTE
        + " MiB";
  }
}
