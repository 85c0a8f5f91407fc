package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxLeases.Lease;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;

/**
 * A lease of a run that is released only once, even if several threads close it. Thread-safe.
 *
 * @param generation of the run when the lease began
 * @param number of the lease
 */
record RunLease(SandboxRun run, long generation, long number) implements Lease {
  @Override
  public UnixDomainSocketAddress address() {
    return run.sandbox.address();
  }

  @Override
  public boolean awaitEnd(Duration timeout) {
    return run.awaitEnd(timeout);
  }

  @Override
  public void close() {
    run.leases.close(number);
  }
}
