package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The contents of an image's superblock, see ext4(5). Exact while the image is not mounted.
 *
 * @param sizeBytes size of the file system, which may differ from the size of the file
 * @param blockBytes size of a block
 * @param usedBytes size of all stored data, without the file system's own tables
 * @param clean whether it was unmounted cleanly and contains no recorded error
 * @param journal whether mounting it recovers from a crash
 */
record Ext4Superblock(
    long sizeBytes, long blockBytes, long usedBytes, boolean clean, boolean journal) {
  private static final int SUPERBLOCK = 1024;
  private static final int LENGTH = 1024;
  private static final int BLOCKS = 0x4;
  private static final int FREE_BLOCKS = 0xC;
  private static final int LOG_BLOCK_SIZE = 0x18;
  private static final int MAGIC = 0x38;
  private static final int STATE = 0x3A;
  private static final int COMPATIBLE = 0x5C;
  private static final int INCOMPATIBLE = 0x60;
  private static final int BLOCKS_HIGH = 0x150;
  private static final int FREE_BLOCKS_HIGH = 0x158;
  private static final int OVERHEAD = 0x248;

  private static final int EXT4_MAGIC = 0xEF53;
  private static final int UNMOUNTED_AND_WITHOUT_ERRORS = 1;
  private static final int NEEDS_RECOVERY = 4;
  private static final int HAS_JOURNAL = 4;

  /**
   * Reads the superblock of an image file.
   *
   * @throws StorageException when the file is not an ext4 image
   */
  static Ext4Superblock read(Path image) {
    ByteBuffer block = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel =
        FileChannel.open(image, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      while (block.hasRemaining()
          && channel.read(block, SUPERBLOCK + (long) block.position()) > 0) {
        // until the buffer is full
      }
    } catch (IOException e) {
      throw new StorageException("cannot read the volume " + image + ": " + e, e);
    }
    if (block.hasRemaining() || (block.getShort(MAGIC) & 0xFFFF) != EXT4_MAGIC) {
      throw new StorageException(
          image
              + " is not an ext4 volume; restore it from a backup, or move it away to start with an"
              + " empty volume");
    }
    long blockSize = 1024L << block.getInt(LOG_BLOCK_SIZE);
    long blocks = wide(block, BLOCKS, BLOCKS_HIGH);
    long free = wide(block, FREE_BLOCKS, FREE_BLOCKS_HIGH);
    long overhead = Integer.toUnsignedLong(block.getInt(OVERHEAD));
    boolean clean =
        (block.getShort(STATE) & 0xFFFF) == UNMOUNTED_AND_WITHOUT_ERRORS
            && (block.getInt(INCOMPATIBLE) & NEEDS_RECOVERY) == 0;
    return new Ext4Superblock(
        blocks * blockSize,
        blockSize,
        Math.max(0, blocks - free - overhead) * blockSize,
        clean,
        (block.getInt(COMPATIBLE) & HAS_JOURNAL) != 0);
  }

  private static long wide(ByteBuffer block, int low, int high) {
    return Integer.toUnsignedLong(block.getInt(low))
        | Integer.toUnsignedLong(block.getInt(high)) << 32;
  }
}
