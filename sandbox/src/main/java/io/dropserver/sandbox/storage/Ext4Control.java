package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The kernel's interface to a mounted ext4 file system in {@code /sys/fs/ext4/<device>}. */
record Ext4Control(Path folder) {
  private static final Path ALL = Path.of("/sys/fs/ext4");

  static Ext4Control of(LoopDevice device) {
    return new Ext4Control(ALL.resolve(device.device().getFileName()));
  }

  /** Returns the blocks that are reserved for data in the page cache but not allocated yet. */
  long delayedBlocks() {
    return number("delayed_allocation_blocks");
  }

  /**
   * Returns the number of errors since the last check. After an error, the file system is
   * read-only.
   */
  long errors() {
    return number("errors_count");
  }

  /** Returns the free blocks that no write may allocate, not even a write by root. */
  long reservedBlocks() {
    return number("reserved_clusters");
  }

  /**
   * Sets the number of reserved blocks for all later writes. A write that would need a reserved
   * block fails with ENOSPC before it is acknowledged.
   *
   * @return false if sysfs is not writable, as in a container
   */
  boolean reserveBlocks(long blocks) {
    try {
      Files.writeString(
          folder.resolve("reserved_clusters"), Long.toString(blocks), StandardOpenOption.WRITE);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private long number(String name) {
    try {
      return Long.parseLong(Files.readString(folder.resolve(name)).strip());
    } catch (IOException e) {
      throw new StorageException("cannot read " + folder.resolve(name) + ": " + e, e);
    }
  }
}
