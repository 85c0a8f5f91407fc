package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.web.upstream.UpstreamException;
import java.io.IOException;
import java.time.Duration;

/** Leases the sandboxes of apps for requests. Thread-safe. */
record AppLeases(SandboxLeases leases) {
  /**
   * The time limit for detecting that the process has ended. Before that, the kernel must clean up
   * the sandbox.
   */
  private static final Duration END_TIMEOUT = Duration.ofSeconds(2);

  /** What an exchange does with a lease. */
  interface Use {
    void with(Lease lease) throws IOException;
  }

  /**
   * Leases the sandbox of an exchange until the exchange is closed. If the leased process has ended
   * and the server had not noticed yet, repeats with the next process.
   *
   * @throws SandboxException see {@link SandboxLeases#lease}
   */
  void use(ProxyExchange proxyExchange, Use use) throws IOException {
    Lease lease = lease(proxyExchange);
    try {
      use.with(lease);
    } catch (UpstreamException e) {
      use.with(leaseNext(proxyExchange, lease, e));
    }
  }

  private Lease lease(ProxyExchange proxyExchange) {
    Lease lease =
        leases.lease(
            proxyExchange.route().site().appspace(),
            proxyExchange.leaseCaller(),
            proxyExchange.open()::isAbandoned);
    proxyExchange.open().hold(lease::close);
    return lease;
  }

  /**
   * Leases a new process after a connection to the leased one was refused, because it ended and the
   * server had not noticed yet. No byte of such a request was sent, so a request with any method
   * can be repeated.
   *
   * @param ended the lease with which the connection failed; it is closed
   * @throws UpstreamException {@code e}, when the failure has another kind or the process does not
   *     end within 2 s
   */
  private Lease leaseNext(ProxyExchange proxyExchange, Lease ended, UpstreamException e)
      throws UpstreamException {
    if (e.kind() != UpstreamException.Kind.UNREACHABLE) {
      throw e;
    }
    ended.close();
    if (!ended.awaitEnd(END_TIMEOUT)) {
      throw e;
    }
    return lease(proxyExchange);
  }
}
