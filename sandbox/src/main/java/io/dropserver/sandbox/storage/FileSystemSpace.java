package io.dropserver.sandbox.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The space of a mounted file system, from statvfs(3). Java does not report the number of free
 * files.
 *
 * @param freeBytes bytes without data; the file system may keep some of them
 * @param availableBytes bytes that can still be written
 */
record FileSystemSpace(
    long bytes, long usedBytes, long freeBytes, long availableBytes, long freeFiles) {
  /** The largest size of the structure in any C library on 64-bit machines. */
  private static final long STRUCTURE = 256;

  private static final long FRAGMENT = 8;
  private static final long BLOCKS = 16;
  private static final long FREE_BLOCKS = 24;
  private static final long AVAILABLE_BLOCKS = 32;
  private static final long FREE_FILES = 48;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle STATVFS =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("statvfs"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

  static FileSystemSpace of(Path folder) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(STRUCTURE, Long.BYTES);
      if ((int) STATVFS.invokeExact(arena.allocateFrom(folder.toString()), answer) != 0) {
        throw new StorageException("cannot read the free space of " + folder);
      }
      long fragment = answer.get(ValueLayout.JAVA_LONG, FRAGMENT);
      return new FileSystemSpace(
          answer.get(ValueLayout.JAVA_LONG, BLOCKS) * fragment,
          (answer.get(ValueLayout.JAVA_LONG, BLOCKS)
                  - answer.get(ValueLayout.JAVA_LONG, FREE_BLOCKS))
              * fragment,
          answer.get(ValueLayout.JAVA_LONG, FREE_BLOCKS) * fragment,
          answer.get(ValueLayout.JAVA_LONG, AVAILABLE_BLOCKS) * fragment,
          answer.get(ValueLayout.JAVA_LONG, FREE_FILES));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
