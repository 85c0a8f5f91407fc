package io.dropserver.base.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.POINTER;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * A file descriptor from open(2) of the C library, because Java offers neither the number of a
 * descriptor nor {@code O_PATH}. Thread-safe; closed at most once.
 */
public final class NativeFile implements AutoCloseable {
  private static final int OWNER_ONLY = 0600;

  private static final MethodHandle OPEN = CLibrary.variadic("open", 2, INT, POINTER, INT, INT);
  private static final MethodHandle CLOSE = CLibrary.function("close", INT, INT);

  private final int descriptor;
  private boolean closed;

  private NativeFile(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Opens a file, or creates it for the owner only. Programs that this process starts do not
   * inherit the descriptor.
   *
   * @param flags of {@link OpenFlags}
   */
  public static NativeFile open(Path path, int flags) throws IOException {
    long result =
        CLibrary.call(
            (memory, errno) ->
                (int)
                    OPEN.invokeExact(
                        errno,
                        memory.allocateFrom(path.toString()),
                        flags | OpenFlags.O_CLOEXEC,
                        OWNER_ONLY));
    if (result < 0) {
      throw new IOException("cannot open " + path + ": errno " + -result);
    }
    return new NativeFile((int) result);
  }

  /** Owns a descriptor that was opened by other means. */
  public static NativeFile of(int descriptor) {
    return new NativeFile(descriptor);
  }

  public int descriptor() {
    return descriptor;
  }

  /**
   * Returns the path of the opened file in proc_pid_fd(5). It still refers to that file after
   * another file has replaced it.
   */
  public Path path() {
    return Path.of("/proc/self/fd/" + descriptor);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      close(descriptor);
    }
  }

  /** Closes a descriptor that was opened by other means, close(2). */
  public static void close(int descriptor) {
    long _ = CLibrary.call((_, errno) -> (int) CLOSE.invokeExact(errno, descriptor));
  }
}
