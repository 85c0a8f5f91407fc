package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.deno.FailureAdvice;
import io.dropserver.sandbox.deno.PermissionBroker;
import io.dropserver.sandbox.deno.PermissionPolicy;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.egress.gateway.EgressAccount;
import io.dropserver.sandbox.egress.gateway.EgressGateway;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.CgroupLimits;
import io.dropserver.sandbox.isolation.Confinement;
import io.dropserver.sandbox.isolation.IdleLauncher;
import io.dropserver.sandbox.isolation.PinnedSocket;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.sandbox.linux.Signals;
import io.dropserver.sandbox.log.LogRing;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.status.Reason;
import io.dropserver.schema.status.SandboxReason;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Starts one sandbox: creates its folders, broker, cgroup and process, and waits until the app
 * accepts connections. A failed start removes all of them.
 */
final class SandboxStart {
  private static final long SOCKETS_BYTES = 64 << 10;
  private static final int SOCKETS_FILES = 96;

  /** The additional space for gVisor: two copies of an appspace's config, and mount points. */
  private static final long GVISOR_BYTES = 512 << 10;

  private static final int GVISOR_FILES = 64;

  private final LocalHostSettings settings;
  private final SandboxSpec spec;
  private final LogRing log;
  private final SocketWatch watch;
  private final Path pinnedRunFolder;
  private final String id;
  private final Path folder;
  private final EgressAccess egressAccess;
  private final SandboxConfinement sandboxConfinement;

  /**
   * The network access of the sandbox.
   *
   * @param usesNode whether the app may use Node clients, which must be redirected to the gateway
   */
  record EgressAccess(EgressGateway gateway, boolean usesNode) {}

  /**
   * @param pinnedRunFolder the run folder by its descriptor, so that socket paths are short enough
   * @param id a name that is never used for another sandbox of this run folder
   */
  SandboxStart(
      LocalHostSettings settings,
      SandboxSpec spec,
      DenoLayer denoLayer,
      LogRing log,
      Path runtime,
      SocketWatch watch,
      Path pinnedRunFolder,
      String id,
      EgressAccess egressAccess) {
    this.egressAccess = egressAccess;
    this.settings = settings;
    this.spec = spec;
    this.log = log;
    this.watch = watch;
    this.pinnedRunFolder = pinnedRunFolder;
    this.id = id;
    this.folder = settings.runFolder().toAbsolutePath().resolve(id);
    this.sandboxConfinement =
        new SandboxConfinement(
            spec, folder, settings.deno().path(), runtime, denoLayer, egressAccess.usesNode());
  }

  /**
   * @param shell becomes the sandbox; it has ended if the start fails
   */
  LocalSandbox run(IdleLauncher shell) {
    LocalSandbox.SandboxResources sandboxResources = new LocalSandbox.SandboxResources(folder);
    try {
      Optional<Cgroup> cgroup = shell.cgroup();
      EgressAccount account = egressAccess.gateway().account(spec.appspace());
      Path locationData = prepare(sandboxResources, shell, account);
      Process process =
          launch(sandboxResources, shell, sandboxConfinement.ofApp(cgroup, locationData));
      UnixDomainSocketAddress address =
          UnixDomainSocketAddress.of(pinnedRunFolder.resolve(id).resolve("pinned.sock"));
      AppReadiness.awaitListening(address, process, settings.startTimeout());
      cgroup.ifPresent(group -> group.limit(limits()));
      return LocalSandbox.running(spec, process, sandboxResources, address, account);
    } catch (IOException e) {
      throw cleanUpAfter(
          shell,
          sandboxResources,
          new SandboxException(
              SandboxReason.LAUNCH_FAILED, "cannot start " + spec.appspace() + ": " + e, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cleanUpAfter(
          shell,
          sandboxResources,
          new SandboxException(
              SandboxReason.LAUNCH_FAILED, "interrupted while starting " + spec.appspace(), e));
    } catch (SandboxException e) {
      throw cleanUpAfter(shell, sandboxResources, e);
    }
  }

  /**
   * Runs a program of the app to completion.
   *
   * @param shell becomes the sandbox
   */
  void run(IdleLauncher shell, SandboxHost.Program program) {
    LocalSandbox.SandboxResources sandboxResources = new LocalSandbox.SandboxResources(folder);
    long before = log.count();
    try {
      EgressAccount account = egressAccess.gateway().account(spec.appspace());
      Path locationData = prepare(sandboxResources, shell, account);
      Process process =
          begin(
              sandboxResources,
              shell,
              sandboxConfinement.ofProgram(shell.cgroup(), locationData, program));
      if (!process.waitFor(program.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SandboxException(
            SandboxReason.PROGRAM_TIMEOUT,
            "%s did not end within %d s"
                .formatted(program.module(), program.deadline().toSeconds()));
      }
      if (process.exitValue() != 0) {
        throw new SandboxException(
            SandboxReason.PROGRAM_FAILED,
            "%s ended with status %d".formatted(program.module(), process.exitValue()));
      }
      sandboxResources.remove();
    } catch (IOException e) {
      throw cleanUpAfter(
          shell,
          sandboxResources,
          before,
          new SandboxException(
              SandboxReason.LAUNCH_FAILED, "cannot run " + program.module() + ": " + e, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cleanUpAfter(
          shell,
          sandboxResources,
          before,
          new SandboxException(SandboxReason.LAUNCH_FAILED, "interrupted while it ran", e));
    } catch (SandboxException e) {
      throw cleanUpAfter(shell, sandboxResources, before, e);
    }
  }

  /** Prepares the host resources of a process. Returns the folder of {@code localStorage}. */
  private Path prepare(
      LocalSandbox.SandboxResources sandboxResources, IdleLauncher shell, EgressAccount account)
      throws IOException {
    sandboxResources.cgroup = shell.cgroup().orElse(null);
    makeFolders();
    account.applyLimits(spec.limits().egress());
    account.applyPolicy(spec.egress());
    sandboxResources.broker = listen(account);
    sandboxResources.egress = openEgress(account);
    Path locationData = SandboxFolders.prepareData(spec.dataFolder(), spec.uid());
    shell.cgroup().ifPresent(this::limitStart);
    return locationData;
  }

  /**
   * Applies the limits without a CPU quota, because a quota of half a core made starts 1.5 times
   * slower.
   */
  private void limitStart(Cgroup group) {
    group.limit(limits());
    group.unlimitCpu();
  }

  private Process launch(
      LocalSandbox.SandboxResources sandboxResources, IdleLauncher shell, Confinement confinement)
      throws IOException, InterruptedException {
    Path socket = folder.resolve("own").resolve(SandboxPaths.APP_SOCKET_NAME);
    try (SocketWatch.FileCreation fileCreation = watch.register(folder.resolve("own"))) {
      Process process = begin(sandboxResources, shell, confinement);
      AppReadiness.awaitSocket(fileCreation, process, settings.startTimeout());
      PinnedSocket.pin(socket, folder.resolve("pinned.sock"), spec.uid());
      return process;
    }
  }

  private Process begin(
      LocalSandbox.SandboxResources sandboxResources, IdleLauncher shell, Confinement confinement)
      throws IOException {
    Process process = shell.launch(confinement);
    sandboxResources.process = process;
    sandboxResources.termination = termination(shell, confinement, process);
    sandboxResources.logs.add(LogPump.start(process.getInputStream(), LogRing.Stream.STDOUT, log));
    sandboxResources.logs.add(LogPump.start(process.getErrorStream(), LogRing.Stream.STDERR, log));
    return process;
  }

  private static Runnable termination(
      IdleLauncher shell, Confinement confinement, Process process) {
    return confinement.gvisor().isPresent()
        ? () -> shell.terminateInGvisor(confinement)
        : () -> DenoProcess.under(process.pid()).forEach(Signals::terminate);
  }

  /**
   * Creates the folder {@code own}, which the sandbox can write, and {@code host}, which it cannot.
   * The parent folder, which also contains the pinned socket, is a small tmpfs where that can be
   * mounted. Otherwise an app could fill the host's disk through {@code own}.
   */
  private void makeFolders() {
    SandboxFolders.create(folder, "rwx--x--x");
    if (spec.isolation() == Isolation.GVISOR) {
      Mounts.memoryForRoot(folder, SOCKETS_BYTES + GVISOR_BYTES, SOCKETS_FILES + GVISOR_FILES);
      SandboxFolders.createFor(folder.resolve("gvisor"), spec.uid());
    } else {
      Mounts.memory(folder, SOCKETS_BYTES, SOCKETS_FILES);
    }
    SandboxFolders.create(folder.resolve("overlays"), "rwx--x--x");
    SandboxFolders.create(folder.resolve("host"), "rwxr-xr-x");
    SandboxFolders.create(folder.resolve("cover"), "r-xr-xr-x");
    SandboxFolders.createFor(folder.resolve("own"), spec.uid());
  }

  private PermissionBroker listen(EgressAccount account) throws IOException {
    Path socket = pinnedRunFolder.resolve(id).resolve("host").resolve(SandboxPaths.BROKER_NAME);
    PermissionBroker broker =
        PermissionBroker.listen(account.appspace(), socket, new PermissionPolicy(account::refusal));
    handOver(socket);
    return broker;
  }

  private AutoCloseable openEgress(EgressAccount account) throws IOException {
    Path socket = pinnedRunFolder.resolve(id).resolve("host").resolve(SandboxPaths.EGRESS_NAME);
    AutoCloseable open = egressAccess.gateway().listen(account, socket);
    handOver(socket);
    return open;
  }

  /**
   * Makes the sandbox's user the only owner of the socket, so that no other user can send requests
   * or read responses.
   */
  private void handOver(Path socket) throws IOException {
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    SandboxFolders.own(socket, spec.uid());
  }

  private CgroupLimits limits() {
    return LocalSandbox.cgroupLimits(spec.limits(), spec.isolation());
  }

  /** Cleans up after a failed start, and adds the last output of the app to the exception. */
  private SandboxException cleanUpAfter(
      IdleLauncher shell, LocalSandbox.SandboxResources sandboxResources, SandboxException cause) {
    return cleanUpAfter(shell, sandboxResources, 0, cause);
  }

  private SandboxException cleanUpAfter(
      IdleLauncher shell,
      LocalSandbox.SandboxResources sandboxResources,
      long before,
      SandboxException cause) {
    boolean outOfMemory =
        sandboxResources.cgroup != null && sandboxResources.cgroup.outOfMemoryKills() > 0;
    shell.close();
    sandboxResources.remove();
    Reason reason = outOfMemory ? SandboxReason.OUT_OF_MEMORY : cause.reason();
    String why = outOfMemory ? "its memory limit is too small" : cause.getMessage();
    String words = lastOutput(before);
    String output = words.isEmpty() ? "" : "; its output: " + words;
    String advice = FailureAdvice.of(words, spec.app().manifest(), spec.app().files());
    return new SandboxException(
        reason, "appspace " + spec.appspace() + ": " + why + output + advice, cause);
  }

  private String lastOutput(long before) {
    List<LogRing.Line> lines = log.lines().stream().filter(line -> line.number() > before).toList();
    return lines.stream()
        .skip(Math.max(0, lines.size() - 5))
        .map(LogRing.Line::text)
        .reduce((first, second) -> first + " | " + second)
        .map(text -> text.length() > 500 ? text.substring(0, 500) : text)
        .orElse("");
  }
}
