package io.dropserver.sandbox.local;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Starts a thread for each ended sandbox, which removes what the sandbox left. A thread inherits
 * the mount namespace of the thread that starts it, and the end of a process may be reported on a
 * descendant of the launcher thread, which has another mount namespace. So one thread that has the
 * server's own mounts starts them all. Thread-safe.
 */
final class SandboxEnds implements Executor, AutoCloseable {
  private final ThreadPoolExecutor maker =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().daemon().name("sandbox-ends").factory(),
          (task, closed) -> task.run());

  /** To be called by a thread that has the server's mounts. */
  SandboxEnds() {
    maker.prestartCoreThread();
  }

  @Override
  public void execute(Runnable cleanUp) {
    maker.execute(() -> Thread.ofPlatform().daemon().name("sandbox-end").start(cleanUp));
  }

  /** What ends later is cleaned up by threads of whoever tells of it. */
  @Override
  public void close() {
    maker.shutdown();
  }
}
