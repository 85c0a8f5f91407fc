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
import io.dropserver.sandbox.isolation.Mounts;
import io.dropserver.sandbox.isolation.Signals;
import io.dropserver.schema.instance.Limits;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A Deno process behind bubblewrap that has answered. */
final class LocalSandbox implements Sandbox {
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
    var _ =
        process
            .onExit()
            .thenAccept(ended -> Thread.ofVirtual().name("sandbox-end").start(sandbox::cleanUp));
    return sandbox;
  }

  static CgroupLimits cgroupLimits(Limits limits) {
    return new CgroupLimits(limits.memoryBytes(), limits.cpuMillis(), limits.processes());
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
    cgroup().ifPresent(group -> group.limit(cgroupLimits(limits)));
  }

  @Override
  public void allow(EgressPolicy policy) {
    egress.apply(policy);
  }

  @Override
  public void stop(Duration grace) {
    if (stopping.compareAndSet(false, true)) {
      cgroup().ifPresent(LocalSandbox::thawIfPresent);
      DenoProcess.under(process.pid()).forEach(Signals::terminate);
      if (!Waiting.completes(exit, grace)) {
        parts.kill();
      }
    }
    var _ = exit.join();
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
    requiredCgroup().freeze();
  }

  @Override
  public void thaw() {
    requiredCgroup().thaw();
  }

  private Cgroup requiredCgroup() {
    return cgroup()
        .orElseThrow(
            () ->
                new SandboxException(
                    "IsolationUnavailable", "without cgroups a sandbox cannot be frozen"));
  }

  @Override
  public void yieldProcessor(boolean yields) {
    cgroup().ifPresent(group -> group.yieldCpu(yields));
  }

  @Override
  public Usage usage() {
    if (cgroup().isEmpty() || exit.isDone()) {
      return Usage.NONE;
    }
    CgroupUsage usage = requiredCgroup().usage();
    return new Usage(
        usage.memoryBytes(),
        usage.memoryPeakBytes(),
        usage.cpuNanos(),
        usage.throttledNanos(),
        usage.processes(),
        usage.ioBytes(),
        requiredCgroup().refusedForks());
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

  /** bubblewrap ends with 128 and the signal's number when its child was killed. */
  private Exit reason(int status) {
    boolean outOfMemory = cgroup().map(group -> group.outOfMemoryKills() > 0).orElse(false);
    if (outOfMemory) {
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

    Parts(Path folder) {
      this.folder = folder;
    }

    /** All processes at once; without a cgroup they die with the init of their pid namespace. */
    void kill() {
      if (process != null) {
        // Not Process.destroyForcibly(): that closes the outputs, with the app's last words in
        // them.
        process.toHandle().destroyForcibly();
      }
      if (cgroup != null) {
        cgroup.kill();
      }
    }

    /** Returns when nothing is left, and what the app said has been read. */
    void remove() {
      kill();
      logs.forEach(Waiting::join);
      if (cgroup != null) {
        cgroup.close();
      }
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
