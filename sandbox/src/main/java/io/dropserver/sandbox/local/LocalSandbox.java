package io.dropserver.sandbox.local;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DeniedRequests;
import io.dropserver.sandbox.deno.PermissionBroker;
import io.dropserver.sandbox.egress.EgressPolicy;
import io.dropserver.sandbox.egress.gateway.EgressAccount;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.CgroupLimits;
import io.dropserver.sandbox.isolation.CgroupUsage;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Limits;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A Deno process behind its walls that has answered. */
final class LocalSandbox implements Sandbox {
  /** What a second kernel needs for itself, measured as 46 and rising with what the app does. */
  private static final int SECOND_KERNEL_THREADS = 96;

  private static final Duration OUT_OF_MEMORY_LOOK = Duration.ofMillis(500);

  private final SandboxSpec spec;
  private final Process process;
  private final Parts parts;
  private final UnixDomainSocketAddress address;
  private final DeniedRequests denied;
  private final EgressAccount egress;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final CompletableFuture<Exit> exit = new CompletableFuture<>();

  private LocalSandbox(
      SandboxSpec spec,
      Process process,
      Parts parts,
      UnixDomainSocketAddress address,
      DeniedRequests denied,
      EgressAccount egress) {
    this.egress = egress;
    this.spec = spec;
    this.process = process;
    this.parts = parts;
    this.address = address;
    this.denied = denied;
  }

  static LocalSandbox running(
      SandboxSpec spec,
      Process process,
      Parts parts,
      UnixDomainSocketAddress address,
      DeniedRequests denied,
      EgressAccount egress) {
    LocalSandbox sandbox = new LocalSandbox(spec, process, parts, address, denied, egress);
    if (spec.isolation() == Isolation.GVISOR && parts.cgroup != null) {
      var _ = Thread.ofVirtual().name("gvisor-memory").start(sandbox::endWhole);
    }
    return sandbox;
  }

  /** What is left of it when it has ended, each by a thread of these. */
  void cleanUpBy(Executor ends) {
    var _ = process.onExit().thenAccept(ended -> ends.execute(this::cleanUp));
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
  public List<Denied> denied() {
    return denied.list().stream()
        .map(entry -> new Denied(entry.permission(), entry.value(), entry.count(), entry.last()))
        .toList();
  }

  @Override
  public void limit(Limits limits) {
    cgroup().ifPresent(group -> group.limit(cgroupLimits(limits, spec.isolation())));
    egress.limit(limits.egress());
  }

  @Override
  public void allow(EgressPolicy policy) {
    egress.apply(policy);
  }

  @Override
  public void stop(Duration grace) {
    if (stopping.compareAndSet(false, true)) {
      cgroup().ifPresent(LocalSandbox::thawIfPresent);
      terminate();
      if (!Waiting.completes(exit, grace)) {
        parts.kill();
      }
    }
    var _ = exit.join();
  }

  /**
   * Where memory ran out, cgroup v1 kills one process: one that gVisor runs the app's code in, and
   * its kernel waits for that forever.
   */
  private void endWhole() {
    while (!Waiting.completes(exit, OUT_OF_MEMORY_LOOK)) {
      try {
        if (requiredCgroup().outOfMemoryKills() > 0) {
          parts.kill();
          return;
        }
      } catch (SandboxException removed) {
        return;
      }
    }
  }

  private void terminate() {
    try {
      parts.termination.run();
    } catch (SandboxException noMoreProcesses) {
      // Then it gets no warning; it is killed when the grace is over.
    }
  }

  private static void thawIfPresent(Cgroup group) {
    try {
      group.thaw();
    } catch (SandboxException removed) {
      // It ended by itself at this very moment.
    }
  }

  @Override
  public void freeze() {
    cgroup().ifPresentOrElse(Cgroup::freeze, () -> StoppedProcesses.stop(process.toHandle()));
  }

  @Override
  public void thaw() {
    cgroup().ifPresentOrElse(Cgroup::thaw, () -> StoppedProcesses.carryOn(process.toHandle()));
  }

  private Cgroup requiredCgroup() {
    return cgroup()
        .orElseThrow(
            () ->
                new SandboxException(
                    "IsolationUnavailable", "without cgroups a sandbox cannot be measured"));
  }

  /** Whether others have the processor first, whenever they want it. */
  void yieldProcessor(boolean yields) {
    cgroup().ifPresent(group -> group.yieldCpu(yields));
  }

  /** Used since its start; empty when it ends, has ended or cannot be measured. */
  Optional<Long> processorNanos() {
    boolean ends = stopping.get() || !process.isAlive();
    return ends ? Optional.empty() : cgroup().map(Cgroup::cpuNanos);
  }

  @Override
  public Usage usage() {
    if (cgroup().isEmpty() || exit.isDone()) {
      return Usage.NONE;
    }
    try {
      CgroupUsage usage = requiredCgroup().usage();
      return new Usage(
          usage.memoryBytes(),
          usage.memoryPeakBytes(),
          usage.cpuNanos(),
          usage.throttledNanos(),
          usage.processes(),
          usage.ioBytes(),
          requiredCgroup().refusedForks());
    } catch (SandboxException e) {
      if (!process.isAlive()) {
        return Usage.NONE; // its group has gone, and the rest of it is about to
      }
      throw e;
    }
  }

  @Override
  public CompletionStage<Exit> exit() {
    return exit.minimalCompletionStage();
  }

  private Optional<Cgroup> cgroup() {
    return Optional.ofNullable(parts.cgroup);
  }

  private void cleanUp() {
    Exit reason = reason(process.exitValue());
    try {
      parts.remove();
    } finally {
      exit.complete(reason);
    }
  }

  private static boolean ranOutOfMemory(Cgroup group) {
    try {
      return group.outOfMemoryKills() > 0;
    } catch (SandboxException removed) {
      // By the next server, which takes this one for dead: whoever waits for the end must not hang.
      return false;
    }
  }

  /** bubblewrap ends with 128 and the signal's number when its child was killed. */
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

  /** What belongs to a sandbox outside itself; filled as a start goes on. */
  static final class Parts {
    private final Path folder;
    final List<Thread> logs = new ArrayList<>();
    @Nullable PermissionBroker broker;
    @Nullable AutoCloseable egress;
    @Nullable Cgroup cgroup;
    @Nullable Process process;

    private boolean removed; // guarded by this

    /** Asks the app to end. */
    Runnable termination = () -> {};

    Parts(Path folder) {
      this.folder = folder;
    }

    /** All processes at once; without a cgroup they die with the init of their pid namespace. */
    synchronized void kill() {
      if (removed) {
        return;
      }
      if (process != null) {
        // Not Process.destroyForcibly(): that closes the outputs, with the app's last words in
        // them.
        process.toHandle().destroyForcibly();
      }
      if (cgroup != null) {
        cgroup.yieldCpu(false); // who always comes last dies slowly, too
        cgroup.kill();
      }
    }

    /** Not while someone else kills: its files vanish with it. */
    private synchronized void closeCgroup() {
      removed = true;
      if (cgroup != null) {
        cgroup.close();
      }
    }

    /** Returns when nothing is left, and what the app said has been read. */
    void remove() {
      kill();
      logs.forEach(Waiting::join);
      closeCgroup();
      if (broker != null) {
        broker.close();
      }
      closeWayOut();
      Mounts.detach(folder);
      SandboxFolders.delete(folder);
    }

    private void closeWayOut() {
      try {
        if (egress != null) {
          egress.close();
        }
      } catch (Exception ignored) {
        // Nobody is left to use it.
      }
    }
  }
}
