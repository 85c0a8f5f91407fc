package io.dropserver.sandbox.isolation;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Creates network namespaces that contain only a loopback interface, which is down, see
 * network_namespaces(7). The system call filter allows a sandbox only Unix sockets. A namespace
 * created by the server belongs to the host's user namespace, so a sandbox could not configure it
 * even with all capabilities of its own user namespace.
 */
final class NetworkNamespace {
  private static final int CLONE_NEWNET = 0x4000_0000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle UNSHARE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("unshare"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private NetworkNamespace() {}

  /**
   * Moves the calling platform thread, and the processes that it starts from then on, into a new
   * network namespace.
   *
   * @return false, without any effect, if this process lacks the permission
   */
  static boolean enterNew() {
    try {
      return (int) UNSHARE.invokeExact(CLONE_NEWNET) == 0;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
