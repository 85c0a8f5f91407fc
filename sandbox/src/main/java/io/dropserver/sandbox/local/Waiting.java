package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.status.SandboxReason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting that cannot be given up half-way: an interruption is kept for the caller's caller. */
final class Waiting {
  private Waiting() {}

  static void join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it completed in time. */
  static boolean completes(CompletableFuture<?> future, Duration timeout) {
    try {
      var _ = future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException late) {
      return false;
    } catch (ExecutionException e) {
      throw new SandboxException(SandboxReason.STOP_FAILED, "waiting failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      // Whoever interrupts wants an end soon: the grace is over.
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
