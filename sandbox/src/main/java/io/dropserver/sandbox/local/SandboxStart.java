package io.dropserver.sandbox.local;

import io.dropserver.base.linux.Signals;
import io.dropserver.egress.gateway.EgressAccount;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.CgroupLimits;
import io.dropserver.sandbox.isolation.Confinement;
import io.dropserver.sandbox.isolation.PinnedSocket;
import io.dropserver.sandbox.isolation.PooledLauncher;
import io.dropserver.sandbox.log.LogRing;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one sandbox: creates its folders, cgroup and process, and waits until the app accepts
 * connections. A failed start removes all of them.
 */
final class SandboxStart {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxStart.class);

  private final SandboxConfinement sandboxConfinement;
  private final SandboxSpec spec;
  private final Path folder;
  private final Path pinnedFolder;
  private final LogRing log;
  private final SocketWatch watch;
  private final EgressGateway gateway;
  private final EgressAccount account;
  private final Duration timeout;
  private final SandboxResources sandboxResources;

  /** The user of the sandbox. */
  private final int uid;

  /**
   * @param sandboxConfinement its folder is never used for another sandbox
   * @param pinnedFolder that folder below the descriptor of the run folder, so that socket paths
   *     are short enough
   */
  SandboxStart(
      SandboxConfinement sandboxConfinement,
      Path pinnedFolder,
      LogRing log,
      SocketWatch watch,
      EgressGateway gateway,
      Duration timeout,
      SandboxResources sandboxResources,
      int uid) {
    this.sandboxConfinement = sandboxConfinement;
    this.spec = sandboxConfinement.spec();
    this.folder = sandboxConfinement.folder();
    this.pinnedFolder = pinnedFolder;
    this.log = log;
    this.watch = watch;
    this.gateway = gateway;
    this.account = gateway.account(spec.appspace());
    this.timeout = timeout;
    this.sandboxResources = sandboxResources;
    this.uid = uid;
  }

  /**
   * Call this or the method for programs or for a waiting sandbox once.
   *
   * @param shell becomes the sandbox; it has ended if the start fails
   */
  LocalSandbox run(PooledLauncher shell) {
    return attempt(
        shell,
        0,
        "start " + spec.appspace(),
        () -> {
          Path locationData = prepare(shell, this::openNetwork);
          try (SocketWatch.FileCreation socket = watchSocket()) {
            Process process = begin(shell, sandboxConfinement.ofApp(shell.cgroup(), locationData));
            announceToDebuggers(process);
            return awaitServing(shell, process, socket);
          }
        });
  }

  /**
   * Gives a waiting sandbox, which was created for this start's folder, to the appspace, and blocks
   * until its app accepts connections.
   *
   * @param message see {@link StartFactory#message}
   * @return empty if the sandbox cannot be given to it; then nothing is left of the sandbox, and no
   *     code of the app has run
   * @throws SandboxException when the app fails; then nothing is left of the sandbox
   */
  Optional<LocalSandbox> run(WaitingSandbox waiting, byte[] message) {
    SocketChannel runtime;
    try {
      waiting.shell().cgroup().ifPresent(this::limitStart);
      waiting.shell().cgroup().ifPresent(group -> group.yieldCpu(false));
      runtime = waiting.awaitLoaded(timeout);
      try {
        openNetwork();
        Path locationData = SandboxFolders.prepareData(spec.dataFolder(), spec.uid());
        waiting.attach(spec.dataFolder(), locationData, spec.uid());
      } catch (IOException | RuntimeException e) {
        runtime.close();
        throw e;
      }
    } catch (IOException | RuntimeException refused) {
      LOG.info(
          "appspace {}: no waiting sandbox can be used: {}", spec.appspace(), refused.toString());
      waiting.close();
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      waiting.close();
      throw failed("start " + spec.appspace(), "interrupted", e);
    }
    return Optional.of(
        attempt(
            waiting.shell(),
            0,
            "start " + spec.appspace(),
            () -> {
              Process process = begin(waiting.process());
              sandboxResources.termination =
                  () -> DenoProcess.under(process.pid()).forEach(Signals::terminate);
              try (SocketWatch.FileCreation socket = watchSocket()) {
                tell(runtime, message);
                return awaitServing(waiting.shell(), process, socket);
              }
            }));
  }

  /** Lets the runtime run the app. */
  private static void tell(SocketChannel runtime, byte[] message) throws IOException {
    try (runtime) {
      ByteBuffer bytes = ByteBuffer.wrap(message);
      while (bytes.hasRemaining()) {
        var _ = runtime.write(bytes);
      }
    }
  }

  /**
   * Runs a program of the app to completion, without a network.
   *
   * @param shell becomes the sandbox
   */
  void run(PooledLauncher shell, SandboxHost.Program program) {
    var _ =
        attempt(
            shell,
            log.count(),
            "run " + program.module(),
            () -> {
              Path locationData = prepare(shell, () -> {});
              Process process =
                  begin(shell, sandboxConfinement.ofProgram(shell.cgroup(), locationData, program));
              requireSuccess(process, program);
              sandboxResources.remove();
              return process;
            });
  }

  private static void requireSuccess(Process process, SandboxHost.Program program)
      throws InterruptedException {
    if (!process.waitFor(program.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
      throw new SandboxException(
          SandboxReason.PROGRAM_TIMEOUT,
          "%s did not end within %d s".formatted(program.module(), program.deadline().toSeconds()));
    }
    if (process.exitValue() != 0) {
      throw new SandboxException(
          SandboxReason.PROGRAM_FAILED,
          "%s ended with status %d".formatted(program.module(), process.exitValue()));
    }
  }

  private interface Attempt<T> {
    T run() throws IOException, InterruptedException;
  }

  /**
   * Makes an attempt, and removes the resources of the sandbox when it fails.
   *
   * @param before the exception contains the lines that were logged after this many
   */
  private <T> T attempt(PooledLauncher shell, long before, String what, Attempt<T> attempt) {
    try {
      return attempt.run();
    } catch (IOException e) {
      throw cleanUpAfter(shell, before, failed(what, e.toString(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cleanUpAfter(shell, before, failed(what, "interrupted", e));
    } catch (SandboxException e) {
      throw cleanUpAfter(shell, before, e);
    }
  }

  private static SandboxException failed(String what, String why, Exception cause) {
    return new SandboxException(SandboxReason.LAUNCH_FAILED, "cannot " + what + ": " + why, cause);
  }

  /** Provides the network of a sandbox. */
  private interface Network {
    void open() throws IOException;
  }

  /**
   * Prepares the host resources of a process. Returns the folder of {@code localStorage}.
   *
   * @param network is opened after the folders exist
   */
  private Path prepare(PooledLauncher shell, Network network) throws IOException {
    sandboxResources.cgroup = shell.cgroup().orElse(null);
    SandboxFolders.createRunFolders(sandboxConfinement);
    network.open();
    Path locationData = SandboxFolders.prepareData(spec.dataFolder(), spec.uid());
    shell.cgroup().ifPresent(this::limitStart);
    return locationData;
  }

  private void openNetwork() throws IOException {
    account.applyLimits(spec.limits().egress());
    account.applyPolicy(spec.egress());
    Path egress = pinnedFolder.resolve("host").resolve(SandboxPaths.EGRESS_NAME);
    sandboxResources.egress = gateway.listen(account, egress);
    handOver(egress, uid);
  }

  /**
   * Applies the limits without a CPU quota, because a quota of half a core made starts 1.5 times
   * slower.
   */
  private void limitStart(Cgroup group) {
    group.limit(limits());
    group.unlimitCpu();
  }

  private SocketWatch.FileCreation watchSocket() throws IOException {
    return watch.register(folder.resolve("own"));
  }

  private LocalSandbox awaitServing(
      PooledLauncher shell, Process process, SocketWatch.FileCreation created)
      throws IOException, InterruptedException {
    AppReadiness.awaitSocket(created, process, timeout);
    Path socket = folder.resolve("own").resolve(SandboxPaths.APP_SOCKET_NAME);
    PinnedSocket.pin(socket, folder.resolve("pinned.sock"), uid);
    UnixDomainSocketAddress address =
        UnixDomainSocketAddress.of(pinnedFolder.resolve("pinned.sock"));
    AppReadiness.awaitListening(address, process, timeout);
    shell.cgroup().ifPresent(group -> group.limit(limits()));
    return new LocalSandbox(spec, process, sandboxResources, address, account);
  }

  private void announceToDebuggers(Process process) {
    Path socketFolder = pinnedFolder.resolve(sandboxConfinement.inspectorFolder().getFileName());
    Path pin = pinnedFolder.resolve("inspector.pin");
    sandboxConfinement
        .inspector()
        .ifPresent(it -> it.announce(socketFolder, pin, spec.uid(), process));
  }

  private Process begin(PooledLauncher shell, Confinement confinement) {
    Process process = begin(shell.launch(confinement));
    sandboxResources.termination = termination(shell, confinement, process);
    return process;
  }

  private Process begin(Process process) {
    sandboxResources.process = process;
    sandboxResources.logs.add(LogPump.start(process.getInputStream(), LogRing.Stream.STDOUT, log));
    sandboxResources.logs.add(LogPump.start(process.getErrorStream(), LogRing.Stream.STDERR, log));
    return process;
  }

  private static Runnable termination(
      PooledLauncher shell, Confinement confinement, Process process) {
    return confinement.gvisor().isPresent()
        ? () -> shell.terminateInGvisor(confinement)
        : () -> DenoProcess.under(process.pid()).forEach(Signals::terminate);
  }

  /**
   * Makes the sandbox's user the only owner of the socket, so that no other user can send requests
   * or read responses.
   */
  static void handOver(Path socket, int uid) throws IOException {
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    SandboxFolders.own(socket, uid);
  }

  private CgroupLimits limits() {
    return LocalSandbox.cgroupLimits(spec.limits(), spec.isolation());
  }

  /** Cleans up after a failed start, and adds the last output of the app to the exception. */
  private SandboxException cleanUpAfter(PooledLauncher shell, long before, SandboxException cause) {
    boolean outOfMemory =
        sandboxResources.cgroup != null && sandboxResources.cgroup.outOfMemoryKills() > 0;
    shell.close();
    sandboxResources.remove();
    return new FailedStart(spec, log, before, outOfMemory).exception(cause);
  }
}
