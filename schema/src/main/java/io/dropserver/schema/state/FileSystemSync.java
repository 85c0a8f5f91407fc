package io.dropserver.schema.state;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Calls {@code syncfs(2)}, which blocks until everything written to a file system so far is on
 * disk.
 */
final class FileSystemSync {
  private static final Optional<Calls> CALLS = Calls.find();

  private FileSystemSync() {}

  static boolean available() {
    return CALLS.isPresent();
  }

  static void sync(Path folder) throws IOException {
    Calls calls = CALLS.orElseThrow();
    try (Arena arena = Arena.ofConfined()) {
      // open(2): O_RDONLY | O_CLOEXEC. O_DIRECTORY is omitted, because its value differs between
      // x86-64 and aarch64, and a folder opens without it.
      int descriptor =
          (int) calls.open.invokeExact(arena.allocateFrom(folder.toString()), 02000000);
      if (descriptor < 0) {
        throw new IOException("cannot open " + folder + " to sync its file system");
      }
      int synced = (int) calls.syncfs.invokeExact(descriptor);
      int closed = (int) calls.close.invokeExact(descriptor);
      if (synced < 0 || closed < 0) {
        throw new IOException("the file system of " + folder + " cannot be synced: syncfs failed");
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private record Calls(MethodHandle open, MethodHandle syncfs, MethodHandle close) {

    static Optional<Calls> find() {
      Linker linker = Linker.nativeLinker();
      Optional<MemorySegment> open = linker.defaultLookup().find("open");
      Optional<MemorySegment> syncfs = linker.defaultLookup().find("syncfs");
      Optional<MemorySegment> close = linker.defaultLookup().find("close");
      if (open.isEmpty() || syncfs.isEmpty() || close.isEmpty()) {
        return Optional.empty();
      }
      FunctionDescriptor ofDescriptor =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      return Optional.of(
          new Calls(
              linker.downcallHandle(
                  open.get(),
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                  Linker.Option.firstVariadicArg(2)),
              linker.downcallHandle(syncfs.get(), ofDescriptor),
              linker.downcallHandle(close.get(), ofDescriptor)));
    }
  }
}
