package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.INT;

import io.dropserver.base.linux.CLibrary;
import java.lang.invoke.MethodHandle;

/** Sets the file mode creation mask of this process, umask(2). */
public final class Umask {
  /** A umask that denies all permissions to group and others. */
  private static final int PRIVATE = 0077;

  private static final MethodHandle UMASK = CLibrary.function("umask", INT, INT);

  private Umask() {}

  /**
   * Makes this process and its children create files as 0600 and folders as 0700, unless they set a
   * mode afterwards. Libraries such as SQLite and JGit have no option for the mode, so only the
   * umask covers all of them.
   *
   * <p>Call it before {@code MountNamespace.enterOwn}: after unshare(2), the calling thread has a
   * separate umask, and other existing threads would keep the old one.
   */
  public static void makePrivate() {
    long _ = CLibrary.call((_, errno) -> (int) UMASK.invokeExact(errno, PRIVATE));
  }
}
