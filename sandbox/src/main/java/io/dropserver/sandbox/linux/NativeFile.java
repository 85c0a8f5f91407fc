package io.dropserver.sandbox.linux;

import io.dropserver.sandbox.SandboxException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * A file descriptor, by open(2) and close(2) of the C library: Java offers neither the number of a
 * descriptor nor {@code O_PATH}. Safe for use by several threads; closed at most once.
 */
public final class NativeFile implements AutoCloseable {
  public static final int O_RDWR_CREATE_TRUNCATE = 2 | 0100 | 01000;
  public static final int O_PATH_NOFOLLOW = 010000000 | (isArm() ? 0100000 : 0400000);
  private static final int O_CLOEXEC = 02000000;
  private static final int OWNER_ONLY = 0600;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle OPEN =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("open"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT),
          Linker.Option.firstVariadicArg(2),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle CLOSE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("close"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private final int descriptor;
  private boolean closed;

  private NativeFile(int descriptor) {
    this.descriptor = descriptor;
  }

  public static NativeFile open(Path path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result =
          (int)
              OPEN.invokeExact(
                  state, arena.allocateFrom(path.toString()), flags | O_CLOEXEC, OWNER_ONLY);
      if (result < 0) {
        throw new SandboxException(
            "LaunchFailed", "cannot open " + path + ": errno " + (int) ERRNO.get(state, 0L));
      }
      return new NativeFile(result);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  public int descriptor() {
    return descriptor;
  }

  /** What the descriptor names, whatever lies at the path by now. */
  public Path path() {
    return Path.of("/proc/self/fd/" + descriptor);
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      int _ = (int) CLOSE.invokeExact(descriptor);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** The two flags O_DIRECTORY and O_NOFOLLOW have other numbers there. */
  private static boolean isArm() {
    return System.getProperty("os.arch").equals("aarch64");
  }
}
