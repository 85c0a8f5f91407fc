package io.dropserver.sandbox.lifecycle;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Limits;
import io.dropserver.state.condition.SandboxReason;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A host whose sandboxes have no processes. Fails a test that runs two sandboxes of one appspace at
 * once.
 */
final class FakeHost implements SandboxHost {
  final List<FakeSandbox> started = new ArrayList<>(); // guarded by this
  final List<Path> released = new CopyOnWriteArrayList<>();
  volatile @Nullable CountDownLatch gate;
  volatile @Nullable RuntimeException failure;

  /** The appspaces for which a sandbox waits. */
  volatile List<String> waiting = List.of();

  /** How many sandboxes can wait on this host. */
  volatile int mostWaiting = Integer.MAX_VALUE;

  /** Runs before the first sandbox waits. */
  volatile Runnable beforeWaiting = () -> {};

  @Override
  public Sandbox start(SandboxSpec spec) {
    CountDownLatch closed = gate;
    if (closed != null) {
      try {
        closed.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    RuntimeException refused = failure;
    if (refused != null) {
      throw refused;
    }
    synchronized (this) {
      if (live().stream().anyMatch(it -> it.spec().appspace().equals(spec.appspace()))) {
        throw new AssertionError("two sandboxes of " + spec.appspace());
      }
      FakeSandbox sandbox = new FakeSandbox(spec);
      started.add(sandbox);
      return sandbox;
    }
  }

  synchronized List<FakeSandbox> live() {
    return started.stream().filter(sandbox -> !sandbox.exit.isDone()).toList();
  }

  synchronized FakeSandbox last() {
    return started.getLast();
  }

  /** The live sandbox of an appspace. */
  FakeSandbox of(String appspace) {
    return live().stream()
        .filter(sandbox -> sandbox.spec().appspace().equals(appspace))
        .findFirst()
        .orElseThrow();
  }

  synchronized int starts() {
    return started.size();
  }

  @Override
  public boolean canUseWaiting(SandboxSpec spec) {
    return !spec.appspace().startsWith("ordinary");
  }

  @Override
  public int keepWaiting(List<SandboxSpec> next) {
    if (waiting.isEmpty() && !next.isEmpty()) {
      beforeWaiting.run();
    }
    waiting = next.stream().map(SandboxSpec::appspace).limit(mostWaiting).toList();
    return waiting.size();
  }

  @Override
  public void requireIsolation(Isolation isolation) {}

  @Override
  public void release(SandboxSpec spec) {
    released.add(spec.dataFolder());
  }

  @Override
  public void run(SandboxSpec spec, Program program) {}

  @Override
  public List<Layer> layers() {
    return List.of();
  }

  @Override
  public void close() {}

  static final class FakeSandbox implements Sandbox {
    /** The memory that the kernel cannot take from a sandbox. */
    final CompletableFuture<Exit> exit = new CompletableFuture<>();

    private final SandboxSpec spec;
    volatile @Nullable Limits limits;
    volatile boolean refusesLimits;
    volatile boolean frozen;
    volatile boolean cannotFreeze;
    volatile long memoryBytes;
    volatile @Nullable RuntimeException stopFailure;
    volatile @Nullable RuntimeException usageFailure;
    final List<EgressPolicy> policies = new CopyOnWriteArrayList<>();

    FakeSandbox(SandboxSpec spec) {
      this.spec = spec;
    }

    void crash() {
      exit.complete(new Exit(Reason.EXITED, 1, "crashed"));
    }

    @Override
    public SandboxSpec spec() {
      return spec;
    }

    @Override
    public UnixDomainSocketAddress address() {
      return UnixDomainSocketAddress.of("/nowhere/" + spec.appspace());
    }

    @Override
    public void stop(Duration grace) {
      throwIfPresent(stopFailure);
      exit.complete(new Exit(Reason.STOPPED, 0, "stopped"));
    }

    private static void throwIfPresent(@Nullable RuntimeException failure) {
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public void freeze() {
      if (cannotFreeze) {
        throw new SandboxException(SandboxReason.FREEZE_FAILED, "a process waits for a disk");
      }
      frozen = true;
    }

    @Override
    public void thaw() {
      frozen = false;
    }

    @Override
    public Usage usage() {
      throwIfPresent(usageFailure);
      return new Usage(memoryBytes, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void applyLimits(Limits next) {
      if (refusesLimits) {
        throw new SandboxException(SandboxReason.CGROUP_FAILED, "it uses more");
      }
      limits = next;
    }

    @Override
    public void applyEgress(EgressPolicy next) {
      policies.add(next);
    }

    @Override
    public CompletionStage<Exit> exit() {
      return exit;
    }
  }
}
