package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The kernel's interface to a mounted ext4 file system in {@code /sys/fs/ext4/<device>}. */
record Ext4Control(Path folder) {
  private static final Path ALL = Path.of("/sys/fs/ext4");

  static Ext4Control of(LoopDevice device) {
    return new Ext4Control(ALL.resolve(device.device().getFileName()));
  }

  /** Blocks that are promised to data in memory but not allocated yet. */
  long delayedBlocks() {
    return number("delayed_allocation_blocks");
  }

  /** Errors since the last check. With any error, the file system accepts no more writes. */
  long errors() {
    return number("errors_count");
  }

  /** Free blocks that no write may allocate, not even one by root. */
  long reservedBlocks() {
    return number("reserved_clusters");
  }

  /**
   * Applies to every write from now on: a write that would need a reserved block fails with ENOSPC
   * before it is acknowledged.
   *
   * @return false if sysfs is not writable, as in a container
   */
  boolean reserveBlocks(long blocks) {
    try {
      Files.write(
          folder.resolve("reserved_clusters"),
          Long.toString(blocks).getBytes(StandardCharsets.US_ASCII),
          StandardOpenOption.WRITE);
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
