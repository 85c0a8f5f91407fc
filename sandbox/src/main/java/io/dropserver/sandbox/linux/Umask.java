package io.dropserver.sandbox.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The mode bits that new files of this process do not get, umask(2). */
public final class Umask {
  /** Everything for group and others. */
  private static final int PRIVATE = 0077;

  private static final MethodHandle UMASK =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("umask"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private Umask() {}

  /**
   * From now on this process and its children create files as 0600 and folders as 0700, unless they
   * set a mode afterwards. Libraries such as SQLite and JGit have no option for the mode, so the
   * umask is the one way that covers them all.
   *
   * <p>Call it before {@code MountNamespace.enterOwn}: unshare(2) gives the calling thread a umask
   * of its own, and threads that exist already would keep the old one.
   */
  public static void makePrivate() {
    try {
      int _ = (int) UMASK.invokeExact(PRIVATE);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
