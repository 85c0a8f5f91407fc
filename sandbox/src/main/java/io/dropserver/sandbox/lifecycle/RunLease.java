package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxLeases.Lease;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** A lease that is released only once, even if several threads close it. Thread-safe. */
final class RunLease implements Lease {
  private final UnixDomainSocketAddress address;
  private final long generation;
  private final Runnable release;
  private final Predicate<Duration> awaitEnd;
  private final AtomicBoolean closed = new AtomicBoolean();

  RunLease(
      UnixDomainSocketAddress address,
      long generation,
      Runnable release,
      Predicate<Duration> awaitEnd) {
    this.address = address;
    this.generation = generation;
    this.release = release;
    this.awaitEnd = awaitEnd;
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
  public boolean awaitEnd(Duration timeout) {
    return awaitEnd.test(timeout);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release.run();
    }
  }
}
