package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.web.upstream.UpstreamException;
import java.time.Duration;

/**
 * Leases the process that replaces one that has ended. Between the end of a process and the moment
 * at which the server notices it, connections are refused. Nothing of such a request was sent, so
 * it can be sent to the next process, whatever its method.
 */
final class LeaseRetry {
  /** The time for noticing the end, since the kernel has to clean up the sandbox first. */
  private static final Duration END_TIMEOUT = Duration.ofSeconds(2);

  private LeaseRetry() {}

  /**
   * @param ended is closed
   * @throws UpstreamException {@code e}, when the failure is of another kind or the process has not
   *     ended
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
