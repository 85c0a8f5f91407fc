package io.dropserver.sandbox.linux;

import io.dropserver.sandbox.storage.StorageException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Room of a mounted file system, statvfs(3): Java's own tells nothing of its files.
 *
 * @param freeBytes that hold no data; some of them the file system may keep
 * @param availableBytes what can still be written; the file system keeps a little of what is free
 */
public record FileSystemSpace(
    long bytes, long usedBytes, long freeBytes, long availableBytes, long freeFiles) {
  /** The largest that a C library of a 64-bit machine has. */
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

  public static FileSystemSpace of(Path folder) {
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
