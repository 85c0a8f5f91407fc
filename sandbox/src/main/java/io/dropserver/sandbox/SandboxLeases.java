package io.dropserver.sandbox;

import java.net.UnixDomainSocketAddress;
import java.time.Duration;

/** What the front door needs of the sandboxes. Safe for use by several threads. */
public interface SandboxLeases {

  /**
   * A running sandbox of the appspace, which is started if none runs; waits for the start.
   * Concurrent calls share one start. The sandbox is not stopped for idleness, and a replaced one
   * is drained, until the lease is closed.
   *
   * @throws SandboxException when it cannot be started; reason {@code Backoff} while a crashed one
   *     waits for its next try
   */
  Lease lease(String appspace);

  interface Lease extends AutoCloseable {
    UnixDomainSocketAddress address();

    /**
     * Identifies the process behind the address: pooled connections of another generation are
     * dropped.
     */
    long generation();

    /**
     * Waits until the process behind the address has ended, for whom it accepts no more. The lease
     * must be closed, or a process that is being replaced waits for it in turn.
     *
     * @return whether it has ended, so that the next lease is of another process
     */
    boolean awaitEnd(Duration patience);

    @Override
    void close();
  }
}
