package io.dropserver.sandbox.local;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that remove what a sandbox leaves, one for each, begun by one that is the server's own: a
 * thread has the mounts and the processors of its maker, and whoever is told that a process has
 * ended may descend from the thread that launches, which sees other mounts. Thread-safe.
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
