package io.dropserver.sandbox.linux;

import static io.dropserver.schema.linux.CLibrary.INT;

import io.dropserver.schema.linux.CLibrary;
import java.lang.invoke.MethodHandle;

/** The permission bits that new files of this process lack, umask(2). */
public final class Umask {
  /** Takes all permissions from group and others. */
  private static final int PRIVATE = 0077;

  private static final MethodHandle UMASK = CLibrary.function("umask", INT, INT);

  private Umask() {}

  /**
   * Makes this process and its children create files as 0600 and folders as 0700, unless they set a
   * mode afterwards. Libraries such as SQLite and JGit have no option for the mode, so the umask is
   * the one way that covers all of them.
   *
   * <p>Call it before {@code MountNamespace.enterOwn}: unshare(2) gives the calling thread a umask
   * of its own, and threads that exist already would keep the old one.
   */
  public static void makePrivate() {
    long _ = CLibrary.call((_, errno) -> (int) UMASK.invokeExact(errno, PRIVATE));
  }
}
