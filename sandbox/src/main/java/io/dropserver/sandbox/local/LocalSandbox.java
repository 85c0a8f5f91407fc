package io.dropserver.sandbox.local;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.gateway.EgressAccount;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.CgroupLimits;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Limits;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** A running sandbox on this machine, whose app accepts connections. */
final class LocalSandbox implements Sandbox, CpuPriorityController.CpuConsumer {
  /**
   * The number of additional threads for gVisor itself. In a measurement, gVisor used 46; the
   * number rises with the app's activity.
   */
  private static final int SECOND_KERNEL_THREADS = 96;

  private static final Duration OUT_OF_MEMORY_POLL = Duration.ofMillis(500);

  private final SandboxSpec spec;
  private final Process process;
  private final SandboxResources sandboxResources;
  private final UnixDomainSocketAddress address;
  private final EgressAccount egress;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final CompletableFuture<Exit> exit = new CompletableFuture<>();

  LocalSandbox(
      SandboxSpec spec,
      Process process,
      SandboxResources sandboxResources,
      UnixDomainSocketAddress address,
      EgressAccount egress) {
    this.egress = egress;
    this.spec = spec;
    this.process = process;
    this.sandboxResources = sandboxResources;
    this.address = address;
  }

  /**
   * Watches the process: kills it when gVisor runs out of memory, and cleans up on a separate
   * thread after it has ended.
   */
  void watch() {
    if (spec.isolation() == Isolation.GVISOR && sandboxResources.cgroup != null) {
      var _ = Thread.ofVirtual().name("gvisor-memory").start(this::killWhenOutOfMemory);
    }
    Thread.Builder thread = Thread.ofPlatform().daemon().name("sandbox-end");
    var _ = process.onExit().thenAccept(ended -> thread.start(this::cleanUp));
  }

  static CgroupLimits cgroupLimits(Limits limits, Isolation isolation) {
    int processes =
        switch (isolation) {
          case NAMESPACES -> limits.processes();
          case GVISOR, MICROVM -> limits.processes() + SECOND_KERNEL_THREADS;
        };
    return new CgroupLimits(limits.memoryBytes(), limits.cpuMillis(), processes);
  }

  @Override
  public SandboxSpec spec() {
    return spec;
  }

  @Override
  public UnixDomainSocketAddress address() {
    return address;
  }

  @Override
  public void applyLimits(Limits limits) {
    cgroup().ifPresent(group -> group.limit(cgroupLimits(limits, spec.isolation())));
    egress.applyLimits(limits.egress());
  }

  @Override
  public void applyEgress(EgressPolicy policy) {
    egress.applyPolicy(policy);
  }

  @Override
  public void stop(Duration grace) {
    if (stopping.compareAndSet(false, true)) {
      boolean ended = false;
      try {
        cgroup().ifPresent(LocalSandbox::thawIfPresent);
        terminate();
        ended = Uninterruptibles.completesWithin(exit, grace);
      } finally {
        if (!ended) {
          sandboxResources.kill();
        }
      }
    }
    var _ = exit.join();
  }

  /**
   * Kills the whole sandbox when memory runs out. Only gVisor needs this: cgroup v1 kills a single
   * process. If gVisor runs the app's code in it, gVisor's kernel waits for that process forever.
   */
  private void killWhenOutOfMemory() {
    while (!Uninterruptibles.completesWithin(exit, OUT_OF_MEMORY_POLL)) {
      if (cgroup().filter(LocalSandbox::ranOutOfMemory).isPresent()) {
        sandboxResources.kill();
        return;
      }
    }
  }

  private void terminate() {
    try {
      sandboxResources.termination.run();
    } catch (SandboxException noMoreProcesses) {
      // Without a signal, the app is killed at the end of the grace period.
    }
  }

  private static void thawIfPresent(Cgroup group) {
    try {
      group.thaw();
    } catch (SandboxException removed) {
      // The sandbox has just ended by itself.
    }
  }

  @Override
  public void freeze() {
    cgroup().ifPresentOrElse(Cgroup::freeze, () -> ProcessFreezer.stop(process.toHandle()));
  }

  @Override
  public void thaw() {
    cgroup().ifPresentOrElse(Cgroup::thaw, () -> ProcessFreezer.resume(process.toHandle()));
  }

  @Override
  public String appspace() {
    return spec.appspace();
  }

  @Override
  public int cpuMillis() {
    return spec.limits().cpuMillis();
  }

  @Override
  public void yieldCpu(boolean yields) {
    cgroup().ifPresent(group -> group.yieldCpu(yields));
  }

  @Override
  public Optional<Long> cpuNanos() {
    boolean ends = stopping.get() || !process.isAlive();
    return ends ? Optional.empty() : cgroup().map(Cgroup::cpuNanos);
  }

  @Override
  public Usage usage() {
    Optional<Cgroup> group = cgroup();
    if (group.isEmpty() || exit.isDone()) {
      return Usage.NONE;
    }
    try {
      return group.get().usage();
    } catch (SandboxException e) {
      if (!process.isAlive()) {
        return Usage.NONE; // its cgroup is gone, and the clean-up is in progress
      }
      throw e;
    }
  }

  @Override
  public CompletionStage<Exit> exit() {
    return exit.minimalCompletionStage();
  }

  private Optional<Cgroup> cgroup() {
    return Optional.ofNullable(sandboxResources.cgroup);
  }

  private void cleanUp() {
    Exit reason = reason(process.exitValue());
    try {
      sandboxResources.remove();
    } finally {
      exit.complete(reason);
    }
  }

  private static boolean ranOutOfMemory(Cgroup group) {
    try {
      return group.outOfMemoryKills() > 0;
    } catch (SandboxException removed) {
      // The next server assumed that this one is dead and removed the group. The exit must complete
      // anyway.
      return false;
    }
  }

  /** bubblewrap exits with 128 plus the signal's number when its child was killed. */
  private Exit reason(int status) {
    if (cgroup().map(LocalSandbox::ranOutOfMemory).orElse(false)) {
      return new Exit(
          Reason.OUT_OF_MEMORY,
          status,
          "it needed more than its " + (spec.limits().memoryBytes() >> 20) + " MiB of memory");
    }
    if (stopping.get()) {
      return new Exit(Reason.STOPPED, status, "stopped");
    }
    return status > 128
        ? new Exit(Reason.KILLED, status, "ended by signal " + (status - 128))
        : new Exit(Reason.EXITED, status, "ended by itself with status " + status);
  }
}
