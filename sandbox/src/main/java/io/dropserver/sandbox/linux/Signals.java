package io.dropserver.sandbox.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** signal(7) to processes of a sandbox; one that has ended meanwhile is passed over. */
public final class Signals {
  private static final int SIGCONT = 18;
  private static final int SIGSTOP = 19;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle KILL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("kill"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private Signals() {}

  public static void terminate(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
  }

  /** Lets a process run no further, whatever it wants; proc_pid_stat(5) says when it does not. */
  public static void stop(long pid) {
    send(pid, SIGSTOP);
  }

  public static void carryOn(long pid) {
    send(pid, SIGCONT);
  }

  private static void send(long pid, int signal) {
    try {
      int _ = (int) KILL.invokeExact((int) pid, signal);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  public static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }
}
