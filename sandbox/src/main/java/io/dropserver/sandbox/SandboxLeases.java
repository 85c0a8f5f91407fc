package io.dropserver.sandbox;

import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Access to running sandboxes for the reverse proxy. Thread-safe. */
public interface SandboxLeases {

  /**
   * Returns a lease of the appspace's running sandbox. Wakes the sandbox if it is asleep. Starts a
   * sandbox if none runs, and waits for the start; concurrent calls share one start. If there is no
   * room, waits for a place, at most as long as {@link LeaseCaller.Kind#longestWait}. Until the
   * lease is closed, the sandbox is not stopped as unused, and a sandbox that is being replaced
   * keeps draining. The lease keeps the place of the sandbox for a time that depends on the caller.
   * After that, the sandbox may fall asleep or be stopped if another appspace waits for a place.
   *
   * @param abandoned whether the caller has left, so that nothing needs the lease any more. A wait
   *     for a place then ends within a tenth of a second. Called often, must not block
   * @throws SandboxException when the sandbox cannot be started; reason {@code AtCapacity} when no
   *     place became free in time, {@code Backoff} while a crashed sandbox waits for its next
   *     restart, {@code NotRunning} when the caller has left
   */
  Lease lease(String appspace, LeaseCaller caller, BooleanSupplier abandoned);

  /** Returns a lease for a caller that does not leave. */
  default Lease lease(String appspace, LeaseCaller caller) {
    return lease(appspace, caller, () -> false);
  }

  interface Lease extends AutoCloseable {
    UnixDomainSocketAddress address();

    /**
     * Identifies the process behind the address, since its start or last wake-up. Pooled
     * connections of another generation are dropped: an app that wakes up may close connections
     * that were unused for longer than it allows.
     */
    long generation();

    /**
     * Waits until the process behind the address has ended. Call this when the process accepts no
     * more connections. Close the lease afterwards: a process that is being replaced waits until
     * its leases are closed.
     *
     * @return whether the process has ended, so that the next lease gets another process
     */
    boolean awaitEnd(Duration timeout);

    @Override
    void close();
  }
}
