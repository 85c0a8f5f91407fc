package io.dropserver.sandbox.local;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Starts a thread for each ended sandbox, which cleans up after it. A thread inherits the mount
 * namespace of the thread that starts it. The end of a process may be reported on a descendant of
 * the launcher thread, which is in another mount namespace. So a single thread in the server's
 * mount namespace starts them all. Thread-safe.
 */
final class CleanupExecutor implements Executor, AutoCloseable {
  private final ThreadPoolExecutor maker =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().daemon().name("sandbox-ends").factory(),
          (task, closed) -> task.run());

  /** Call it from a thread in the server's mount namespace. */
  CleanupExecutor() {
    maker.prestartCoreThread();
  }

  @Override
  public void execute(Runnable cleanUp) {
    maker.execute(() -> Thread.ofPlatform().daemon().name("sandbox-end").start(cleanUp));
  }

  /** Clean-ups submitted after this run on the calling thread. */
  @Override
  public void close() {
    maker.shutdown();
  }
}
