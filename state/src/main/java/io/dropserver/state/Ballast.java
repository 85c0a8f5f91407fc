package io.dropserver.state;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.Set;

/**
 * A file of allocated but unused blocks. On a full disk the server releases them step by step, so
 * that it can still write its database.
 *
 * @param file in the state folder
 */
public record Ballast(Path file) {
  static final String NAME = "ballast";

  private static final int MEBIBYTE = 1 << 20;
  private static final long STEP = 2 * MEBIBYTE;
  private static final int SHARE = 100;
  private static final long MIN_BYTES = 8 * MEBIBYTE;
  private static final long MAX_BYTES = 64 * MEBIBYTE;

  /** Returns the ballast in the same folder as a file, such as the database. */
  public static Ballast inFolderOf(Path file) {
    return new Ballast(file.toAbsolutePath().resolveSibling(NAME));
  }

  /**
   * Releases one step of space to the disk.
   *
   * @return whether there was space to release
   */
  public boolean release() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long size = channel.size();
      channel.truncate(Math.max(0, size - STEP));
      channel.force(true); // ext4 frees the blocks when its transaction is committed
      return size > 0;
    } catch (IOException absent) {
      return false;
    }
  }

  /**
   * On a full disk, also releases space for the server's other files: sandbox folders and sockets.
   * Half of the ballast stays reserved for the database.
   */
  public void releaseIfDiskFull() {
    DiskSpace disk = DiskSpace.of(file.resolveSibling("."));
    try {
      if (disk.free() < STEP / 2 && Files.exists(file) && Files.size(file) > fullSize(disk) / 2) {
        release();
      }
    } catch (IOException gone) {
      // The ballast is gone, so there is nothing to release.
    }
  }

  private static long fullSize(DiskSpace disk) {
    return Math.clamp(disk.total() / SHARE, MIN_BYTES, MAX_BYTES);
  }

  /**
   * Restores the full size, if the disk has room for it above the reserve plus a quarter of the
   * reserve.
   */
  public void fill() throws IOException {
    DiskSpace disk = DiskSpace.of(file.resolveSibling("."));
    long size = fullSize(disk);
    long present = Files.exists(file) ? Files.size(file) : 0;
    if (present < size && disk.aboveReserve() - disk.reserve() / 4 >= size - present) {
      extend(present, size);
    }
  }

  /** Writes random bytes, which no file system can compress or store as a hole. */
  private void extend(long from, long to) throws IOException {
    byte[] chunk = new byte[MEBIBYTE];
    new Random().nextBytes(chunk);
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      OutputStream out = Channels.newOutputStream(channel.position(from));
      for (long at = from; at < to; at += chunk.length) {
        out.write(chunk, 0, (int) Math.min(chunk.length, to - at));
      }
      channel.force(true);
    }
  }
}
