package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxLeases.Lease;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts once, however often and by whomever it is closed. */
final class RunLease implements Lease {
  private final UnixDomainSocketAddress address;
  private final long generation;
  private final Runnable release;
  private final AtomicBoolean closed = new AtomicBoolean();

  RunLease(UnixDomainSocketAddress address, long generation, Runnable release) {
    this.address = address;
    this.generation = generation;
    this.release = release;
  }

  @Override
  public UnixDomainSocketAddress address() {
    return address;
  }

  @Override
  public long generation() {
    return generation;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release.run();
    }
  }
}
