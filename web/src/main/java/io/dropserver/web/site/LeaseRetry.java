package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.web.upstream.UpstreamException;
import java.time.Duration;

/**
 * Leases a new process after a connection to the leased one was refused, because it ended and the
 * server had not noticed yet. No byte of such a request was sent, so a request with any method can
 * be repeated. Thread-safe.
 */
final class LeaseRetry {
  /**
   * The time limit for detecting that the process has ended. Before that, the kernel must clean up
   * the sandbox.
   */
  private static final Duration END_TIMEOUT = Duration.ofSeconds(2);

  private LeaseRetry() {}

  /**
   * Closes the lease of the ended process and leases the next one.
   *
   * @param ended the lease with which the connection failed
   * @throws UpstreamException {@code e}, when the failure has another kind or the process does not
   *     end within 2 s
   */
  static Lease after(Lease ended, UpstreamException e, SandboxLeases leases, String appspace)
      throws UpstreamException {
    if (e.kind() != UpstreamException.Kind.UNREACHABLE) {
      throw e;
    }
    ended.close();
    if (!ended.awaitEnd(END_TIMEOUT)) {
      throw e;
    }
    return leases.lease(appspace);
  }
}
