package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.LONG;
import static io.dropserver.base.linux.CLibrary.POINTER;

import io.dropserver.base.linux.CLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The free space of a mounted file system, statvfs(3). Java's {@code FileStore} does not report
 * free inodes.
 *
 * @param freeBytes bytes without data; the file system may reserve some of them
 * @param availableBytes bytes that can still be written: free bytes minus reserved bytes
 */
public record FileSystemSpace(
    long bytes, long usedBytes, long freeBytes, long availableBytes, long freeFiles) {
  /**
   * The size of the memory for {@code struct statvfs}, which is sufficient for every C library of a
   * 64-bit machine.
   */
  private static final long STRUCTURE = 256;

  private static final long FRAGMENT = 8;
  private static final long BLOCKS = 16;
  private static final long FREE_BLOCKS = 24;
  private static final long AVAILABLE_BLOCKS = 32;
  private static final long FREE_FILES = 48;

  private static final MethodHandle STATVFS = CLibrary.function("statvfs", INT, POINTER, POINTER);

  /** Measures the file system that a folder is on. */
  public static FileSystemSpace of(Path folder) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(STRUCTURE, Long.BYTES);
      long result =
          CLibrary.call(
              (memory, errno) ->
                  (int) STATVFS.invokeExact(errno, memory.allocateFrom(folder.toString()), found));
      if (result != 0) {
        throw new IOException(
            "cannot read the free space on the disk of " + folder + ": errno " + -result);
      }
      long fragment = found.get(LONG, FRAGMENT);
      long blocks = found.get(LONG, BLOCKS);
      long free = found.get(LONG, FREE_BLOCKS);
      return new FileSystemSpace(
          blocks * fragment,
          (blocks - free) * fragment,
          free * fragment,
          found.get(LONG, AVAILABLE_BLOCKS) * fragment,
          found.get(LONG, FREE_FILES));
    }
  }
}
