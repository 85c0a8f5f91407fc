package io.dropserver.sandbox;

import java.net.UnixDomainSocketAddress;
import java.time.Duration;

/** Access to running sandboxes for the reverse proxy. Thread-safe. */
public interface SandboxLeases {

  /**
   * Returns a lease of the appspace's running sandbox. Wakes the sandbox if it is asleep. Starts a
   * sandbox if none runs, and waits for the start; concurrent calls share one start. Until the
   * lease is closed, the sandbox neither falls asleep nor is stopped as unused, and a sandbox that
   * is being replaced keeps draining.
   *
   * @throws SandboxException when the sandbox cannot be started; reason {@code Backoff} while a
   *     crashed sandbox waits for its next restart
   */
  Lease lease(String appspace);

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

    /**
     * Lets another appspace have the place of this sandbox after some time, if none is free: the
     * sandbox may then fall asleep, and wakes up when there is a place, or be stopped. Otherwise it
     * stays in use.
     *
     * @param kept the time for which this lease keeps the place
     */
    void yieldPlaceAfter(Duration kept);

    @Override
    void close();
  }
}
