package io.dropserver.sandbox.isolation;

/** signal(7) to processes of a sandbox; one that has ended meanwhile is passed over. */
public final class Signals {
  private Signals() {}

  public static void terminate(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
  }

  public static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }
}
