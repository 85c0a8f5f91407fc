package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.INT;

import io.dropserver.base.concurrent.Threads;
import io.dropserver.base.linux.CLibrary;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Moves the calling platform thread, and the threads and processes that it starts later, into new
 * namespaces, namespaces(7) and unshare(2).
 */
public final class Namespaces {
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x0002_0000;
  private static final int CLONE_NEWNET = 0x4000_0000;

  private static final MethodHandle UNSHARE = CLibrary.function("unshare", INT, INT);
  private static final MethodHandle SETNS = CLibrary.function("setns", INT, INT, INT);

  private Namespaces() {}

  /** Returns whether this process may create network namespaces, network_namespaces(7). */
  public static boolean canCreateNetwork() {
    AtomicBoolean created = new AtomicBoolean();
    // The thread ends in its new namespace.
    Thread trial =
        Thread.ofPlatform()
            .name("network-namespace-trial")
            .start(() -> created.set(unshare(CLONE_NEWNET) == 0));
    Threads.join(trial);
    return created.get();
  }

  /**
   * Enters a copy of the mount namespace, mount_namespaces(7).
   *
   * @return 0, or the errno of unshare(2)
   */
  public static int enterNewMounts() {
    return unshare(CLONE_NEWNS);
  }

  /**
   * Enters a mount namespace that exists, setns(2).
   *
   * @param namespace an open descriptor
   * @return 0, or the errno of unshare(2) or setns(2)
   */
  static int enterMounts(int namespace) {
    // A thread that shares its working folder with others cannot enter one.
    int errno = unshare(CLONE_FS);
    return errno != 0
        ? errno
        : (int)
            -CLibrary.call((_, state) -> (int) SETNS.invokeExact(state, namespace, CLONE_NEWNS));
  }

  private static int unshare(int flags) {
    return (int) -CLibrary.call((_, errno) -> (int) UNSHARE.invokeExact(errno, flags));
  }
}
