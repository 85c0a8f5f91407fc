package io.dropserver.schema.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.Set;

/**
 * A file whose blocks are allocated and not used. On a full disk the server gives them back step by
 * step, so that its database can still be written.
 *
 * @param file in the state folder
 */
public record Ballast(Path file) {
  static final String NAME = "ballast";

  private static final int MEBIBYTE = 1 << 20;
  private static final long STEP = 2 * MEBIBYTE;
  private static final int SHARE = 100;
  private static final long LEAST = 8 * MEBIBYTE;
  private static final long MOST = 64 * MEBIBYTE;

  /** In the folder of a file, such as the database. */
  public static Ballast beside(Path file) {
    return new Ballast(file.toAbsolutePath().resolveSibling(NAME));
  }

  /**
   * Gives one step back to the disk.
   *
   * @return whether there was anything to give
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
   * Where the disk has nothing left, gives the server's other files room as well: folders of
   * sandboxes, sockets. Half of the ballast stays for the database.
   */
  public void keepRoom() {
    DiskSpace disk = DiskSpace.of(file.resolveSibling("."));
    try {
      if (disk.free() < STEP / 2 && Files.exists(file) && Files.size(file) > whole(disk) / 2) {
        release();
      }
    } catch (IOException gone) {
      // Then there is nothing to give.
    }
  }

  private static long whole(DiskSpace disk) {
    return Math.clamp(disk.total() / SHARE, LEAST, MOST);
  }

  /** Makes it whole where the disk has that much beyond the reserve, and a quarter of it more. */
  public void fill() throws IOException {
    DiskSpace disk = DiskSpace.of(file.resolveSibling("."));
    long size = whole(disk);
    long present = Files.exists(file) ? Files.size(file) : 0;
    if (present < size && disk.aboveReserve() - disk.reserve() / 4 >= size - present) {
      extend(present, size);
    }
  }

  /** Writes what no file system can compress or leave out. */
  private void extend(long from, long to) throws IOException {
    byte[] chunk = new byte[MEBIBYTE];
    new Random().nextBytes(chunk);
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(chunk);
      for (long at = from; at < to; at += bytes.position()) {
        bytes.clear().limit((int) Math.min(chunk.length, to - at));
        while (bytes.hasRemaining()) {
          channel.write(bytes, at + bytes.position());
        }
      }
      channel.force(true);
    }
  }
}
