package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.web.upstream.UpstreamException;
import java.time.Duration;

/**
 * A lease of the process that follows one that has ended. Between a process's end and the server's
 * notice of it nobody accepts connections, so that nothing of a request was sent and it may be sent
 * to the next process, whatever it asks for.
 */
final class NextLease {
  /** For the notice: the kernel has to take down what was in the sandbox. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private NextLease() {}

  /**
   * @param ended is closed
   * @throws UpstreamException the same again, when more than the connection failed or the process
   *     lives on
   */
  static Lease after(Lease ended, UpstreamException e, SandboxLeases leases, String appspace)
      throws UpstreamException {
    if (e.kind() != UpstreamException.Kind.UNREACHABLE) {
      throw e;
    }
    ended.close();
    if (!ended.awaitEnd(PATIENCE)) {
      throw e;
    }
    return leases.lease(appspace);
  }
}
