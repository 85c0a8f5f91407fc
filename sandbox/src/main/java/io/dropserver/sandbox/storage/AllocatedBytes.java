package io.dropserver.sandbox.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The number of bytes that a file occupies on the disk, from statx(2). Holes occupy no space. */
final class AllocatedBytes {
  private static final int CURRENT_FOLDER = -100;
  private static final int NO_FOLLOW = 0x100;
  private static final int BLOCKS_WANTED = 0x400;
  private static final long STRUCTURE = 256;
  private static final long BLOCKS = 48;
  private static final long BLOCK = 512;

  private static final MethodHandle STATX =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("statx"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS));

  private AllocatedBytes() {}

  static long of(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(STRUCTURE, Long.BYTES);
      int result =
          (int)
              STATX.invokeExact(
                  CURRENT_FOLDER,
                  arena.allocateFrom(file.toString()),
                  NO_FOLLOW,
                  BLOCKS_WANTED,
                  answer);
      if (result != 0) {
        throw new StorageException("cannot read how much of the disk " + file + " occupies");
      }
      return answer.get(ValueLayout.JAVA_LONG, BLOCKS) * BLOCK;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
