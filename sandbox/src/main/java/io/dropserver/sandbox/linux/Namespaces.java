package io.dropserver.sandbox.linux;

import static io.dropserver.schema.linux.CLibrary.INT;

import io.dropserver.schema.linux.CLibrary;
import java.lang.invoke.MethodHandle;

/**
 * Moves the calling platform thread, and the processes that it starts later, into new namespaces,
 * namespaces(7) and unshare(2).
 */
public final class Namespaces {
  private static final int CLONE_NEWNS = 0x0002_0000;
  private static final int CLONE_NEWNET = 0x4000_0000;

  private static final MethodHandle UNSHARE = CLibrary.function("unshare", INT, INT);

  private Namespaces() {}

  /**
   * Enters a network namespace whose only interface is a loopback interface that is down,
   * network_namespaces(7). The server creates the namespace, so it belongs to the host's user
   * namespace: even with every capability of its own user namespace, a sandbox cannot configure it.
   *
   * @return false when the kernel refuses; the thread then stays in its namespace
   */
  public static boolean enterNewNetwork() {
    return unshare(CLONE_NEWNET) == 0;
  }

  /**
   * Enters a copy of the mount namespace, mount_namespaces(7).
   *
   * @return 0, or the errno of unshare(2)
   */
  public static int enterNewMounts() {
    return unshare(CLONE_NEWNS);
  }

  private static int unshare(int flags) {
    return (int) -CLibrary.call((_, errno) -> (int) UNSHARE.invokeExact(errno, flags));
  }
}
