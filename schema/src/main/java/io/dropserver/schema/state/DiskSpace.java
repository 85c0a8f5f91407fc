package io.dropserver.schema.state;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The space of the disk that holds a folder, at one instant.
 *
 * @param total bytes of the file system
 * @param free bytes that a process without privileges can still allocate
 */
public record DiskSpace(Path folder, long total, long free) {
  private static final long MEBIBYTE = 1L << 20;

  /** A fortieth of the disk stays free for the server itself. */
  private static final int RESERVE_SHARE = 40;

  private static final long LEAST_RESERVE = 32 * MEBIBYTE;
  private static final long MOST_RESERVE = 1024 * MEBIBYTE;

  private static final int LOW_SHARE = 20;
  private static final long LEAST_LOW = 256 * MEBIBYTE;
  private static final long MOST_LOW = 2048 * MEBIBYTE;

  /**
   * @throws StateException when the disk cannot be asked
   */
  public static DiskSpace of(Path folder) {
    try {
      FileStore disk = Files.getFileStore(folder);
      return new DiskSpace(folder, disk.getTotalSpace(), disk.getUsableSpace());
    } catch (IOException e) {
      throw new StateException("the free space of " + folder + " cannot be read: " + e, e);
    }
  }

  /** Bytes that only the server's own state and data that apps have already stored may use. */
  public long reserve() {
    return Math.clamp(total / RESERVE_SHARE, LEAST_RESERVE, MOST_RESERVE);
  }

  /** Free bytes above the reserve; negative when the reserve is in use. */
  public long aboveReserve() {
    return free - reserve();
  }

  /** Less than a twentieth is free, but never more than 2 GiB, nor less than 256 MiB. */
  public boolean isLow() {
    return free < Math.clamp(total / LOW_SHARE, LEAST_LOW, MOST_LOW);
  }

  /** What to do about a full disk, as the rest of a sentence. */
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
