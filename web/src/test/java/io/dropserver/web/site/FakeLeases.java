package io.dropserver.web.site;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.state.condition.SandboxReason;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Sandboxes that are sockets of the test; counts leases, and records their callers. */
final class FakeLeases implements SandboxLeases {
  private final Map<String, Path> sockets = new ConcurrentHashMap<>();
  private final Map<String, SandboxException> failures = new ConcurrentHashMap<>();
  final AtomicInteger held = new AtomicInteger();
  final List<LeaseCaller> callers = new CopyOnWriteArrayList<>();
  final AtomicInteger generation = new AtomicInteger();

  /** Runs before each lease, such as a wait for a start. */
  volatile Consumer<BooleanSupplier> waiting = _ -> {};

  void serve(String appspace, Path socket) {
    sockets.put(appspace, socket);
    generation.incrementAndGet();
  }

  void fail(String appspace, SandboxException failure) {
    failures.put(appspace, failure);
  }

  @Override
  public Lease lease(String appspace, LeaseCaller caller, BooleanSupplier abandoned) {
    callers.add(caller);
    waiting.accept(abandoned);
    SandboxException failure = failures.get(appspace);
    if (failure != null) {
      throw failure;
    }
    Path socket = sockets.get(appspace);
    if (socket == null) {
      throw new SandboxException(SandboxReason.NOT_RUNNING, "no sandbox of " + appspace);
    }
    long current = generation.get();
    held.incrementAndGet();
    AtomicBoolean closed = new AtomicBoolean();
    return new Lease() {
      @Override
      public UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(socket);
      }

      @Override
      public long generation() {
        return current;
      }

      @Override
      public boolean awaitEnd(Duration timeout) {
        return generation.get() != current;
      }

      @Override
      public void close() {
        if (closed.compareAndSet(false, true)) {
          held.decrementAndGet();
        }
      }
    };
  }
}
