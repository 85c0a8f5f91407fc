package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits that do not throw on interruption. The interrupt status is preserved for the caller. */
final class Uninterruptibles {
  private Uninterruptibles() {}

  /** Waits for the future. Returns false after the timeout or an interrupt. */
  static boolean completesWithin(CompletableFuture<?> future, Duration timeout) {
    try {
      var _ = future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException late) {
      return false;
    } catch (ExecutionException e) {
      throw new SandboxException(SandboxReason.STOP_FAILED, "waiting failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      // An interrupt requests a fast end, so the wait ends early.
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
