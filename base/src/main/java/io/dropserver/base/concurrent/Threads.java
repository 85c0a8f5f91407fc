package io.dropserver.base.concurrent;

import java.time.Duration;

/** Waits for the ends of threads. */
public final class Threads {
  private Threads() {}

  /**
   * Blocks until the thread has ended, or until the caller is interrupted. The caller's interrupt
   * status stays set.
   */
  public static void join(Thread thread) {
    var _ = join(thread, WakeableLoop.FOREVER);
  }

  /** Blocks until the thread has ended. The caller's interrupt status stays set. */
  public static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Blocks like {@link #join(Thread)}, but not longer than the given time. Returns whether the
   * thread has ended; false if the caller is interrupted.
   */
  public static boolean join(Thread thread, Duration longest) {
    try {
      return thread.join(longest);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
