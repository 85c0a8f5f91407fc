package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxLeases.Lease;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A lease of a run that is released only once, even if several threads close it. Thread-safe.
 *
 * @param generation of the run when the lease began
 * @param closed false for a new lease
 */
record RunLease(AppspaceSandbox owner, SandboxRun run, long generation, AtomicBoolean closed)
    implements Lease {
  @Override
  public UnixDomainSocketAddress address() {
    return run.sandbox.address();
  }

  @Override
  public boolean awaitEnd(Duration timeout) {
    return owner.awaitEnd(run, timeout);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      owner.release(run);
    }
  }
}
