package io.dropserver.sandbox.app;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Makes a thousand files durable with one call. See open(2), syncfs(2), close(2). */
final class FileSystemFlush {
  private static final int O_DIRECTORY = 0x10000;
  private static final int O_CLOEXEC = 0x80000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle OPEN =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("open"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle SYNCFS = ofDescriptor("syncfs");
  private static final MethodHandle CLOSE = ofDescriptor("close");

  private FileSystemFlush() {}

  /** Returns when all that was written to the folder's file system so far is on the disk. */
  static void of(Path folder) throws IOException {
    if (!flushed(folder.toString())) {
      throw new IOException("The file system of " + folder + " could not be flushed to its disk");
    }
  }

  private static boolean flushed(String folder) {
    try (Arena arena = Arena.ofConfined()) {
      int descriptor = (int) OPEN.invokeExact(arena.allocateFrom(folder), O_DIRECTORY | O_CLOEXEC);
      if (descriptor < 0) {
        return false;
      }
      int flushed = (int) SYNCFS.invokeExact(descriptor);
      int closed = (int) CLOSE.invokeExact(descriptor);
      return flushed == 0 && closed == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("a native call cannot throw", e);
    }
  }

  private static MethodHandle ofDescriptor(String name) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  }
}
