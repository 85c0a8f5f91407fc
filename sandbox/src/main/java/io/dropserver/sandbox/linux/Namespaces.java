package io.dropserver.sandbox.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A network namespace with nothing but a loopback interface that is down, network_namespaces(7);
 * the system call filter lets a sandbox open Unix sockets only. Made by the server, it belongs to
 * the host's user namespace: even with every capability of its own user namespace, a sandbox could
 * configure nothing in it.
 */
public final class Namespaces {
  private static final int CLONE_NEWNET = 0x4000_0000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle UNSHARE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("unshare"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private Namespaces() {}

  /**
   * Puts the calling platform thread, and the processes that it starts from now on, into a new one.
   *
   * @return false when it may not; it stays where it was
   */
  public static boolean enterNewNetwork() {
    try {
      return (int) UNSHARE.invokeExact(CLONE_NEWNET) == 0;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
