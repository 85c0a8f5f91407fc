package io.dropserver.sandbox.isolation;

import io.dropserver.base.process.Program;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.Namespaces;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Starts all sandboxed processes. The chain is {@code nsenter} (enters the {@link FolderView}, if
 * there is one) → {@code unshare} (creates the network namespace) → {@code sh} (enters the cgroup,
 * waits for its {@link LaunchCommand}, opens descriptors, because Java closes all above 2) → {@code
 * unshare} (drops the server's uid, gid and groups) → {@code bwrap}. Each program replaces the
 * previous one by exec, so the {@link Process} refers to bubblewrap itself.
 *
 * <p>Only the programs of the chain change namespaces; threads of the server never do. A thread
 * inherits the namespaces of the thread that created it, and any thread that wakes a virtual thread
 * may create a carrier. A carrier in a sandbox's network namespace would connect to the app instead
 * of a service on the host's loopback address.
 *
 * <p>One platform thread, which lives as long as this object, starts all sandboxed processes.
 * {@code --die-with-parent} (prctl(2), PR_SET_PDEATHSIG) follows the thread that forked, not the
 * process. A sandbox started by a virtual thread would be killed when its carrier thread ends.
 *
 * <p>Thread-safe.
 */
public final class Launcher implements AutoCloseable {
  private static final long ROOT = 0;

  /** By how much a sandbox's oom_score_adj exceeds the server's, as far as 1000 permits. */
  static final int OOM_SCORE_ADVANCE = 500;

  /**
   * Arguments: the filter, the cgroup files. The shell enters the cgroup before anything else runs,
   * so the sandbox is never without limits. Then it reads the number of words of its command and
   * the words, one per line. It exits at the end of its input, that is, when the server ends. Core
   * files are disabled because they would store an appspace's memory outside the sandbox. When the
   * memory of the machine or of a container around the server ends, the kernel ends the process
   * with the highest badness, proc_pid_oom_score_adj(5): an app, and not the server. The umask is
   * the usual one instead of the server's, because it determines the modes of files that an app
   * creates.
   *
   * <p>The rest of the input contains the options of bubblewrap. On its command line, which the app
   * can read as {@code /proc/1/cmdline}, they would reveal paths of the host.
   */
  private static final String SCRIPT =
      """
      filter=$1; shift
      for entry; do echo $$ > "$entry" || exit 125; done
      read -r badness < /proc/self/oom_score_adj && badness=$((badness + %d))
      [ "$badness" -le 1000 ] || badness=1000
      { echo "$badness" > /proc/self/oom_score_adj; } 2> /dev/null
      ulimit -c 0
      umask 0022
      set --
      read -r words || exit 0
      while [ $# -lt "$words" ]; do
        IFS= read -r word || exit 125
        set -- "$@" "$word"
      done
      exec "$@" 9< "$filter" 8<&0 0< /dev/null
      """
          .formatted(OOM_SCORE_ADVANCE);

  private final Programs programs;
  private final Path seccompFilter;
  private final long serverUid;
  private final SystemTree system;

  /** Whether each sandbox gets separate inodes. Changes only from true to false. */
  private volatile boolean separatesInodes;

  private final LinkedBlockingQueue<Runnable> starts = new LinkedBlockingQueue<>();
  private final CompletableFuture<Optional<FolderView>> folderView = new CompletableFuture<>();

  /** Whether the server may create a network namespace for each sandbox. */
  private final boolean ownNetwork;

  private final Thread thread;

  /**
   * @param seccompFilter a compiled filter, see {@link SeccompFilter}; {@link SystemTree} is
   *     created beside it
   * @param folders absolute; the folders that sandboxes need; if other users cannot reach one of
   *     them, sandboxes are started in a mount namespace in which they can
   */
  public Launcher(Programs programs, Path seccompFilter, List<Path> folders) {
    this(programs, seccompFilter, folders, false);
  }

  /**
   * @param loopback whether the network namespaces of sandboxes have a loopback interface, which
   *     bubblewrap then creates
   */
  public Launcher(Programs programs, Path seccompFilter, List<Path> folders, boolean loopback) {
    this.programs = programs;
    this.seccompFilter = seccompFilter;
    this.serverUid = serverUid();
    this.system = SystemTree.make(seccompFilter.resolveSibling(SystemTree.NAME));
    this.separatesInodes = system.canOverlay();
    if (serverUid == ROOT) {
      var _ = programs.requiredUnshare();
    }
    this.ownNetwork = serverUid == ROOT && !loopback && Namespaces.canCreateNetwork();
    List<Path> needed = serverUid == ROOT ? List.copyOf(folders) : List.of();
    this.thread = Thread.ofPlatform().daemon().name("sandbox-launcher").start(() -> run(needed));
  }

  /**
   * Blocks until the folders are reachable.
   *
   * @throws SandboxException when the machine does not permit the required mounts
   */
  public void awaitReachableFolders() {
    var _ = FolderView.joined(folderView);
  }

  /** Returns whether each sandbox is started as a host uid of its own. */
  public boolean separatesUids() {
    return serverUid == ROOT;
  }

  /**
   * Starts a process without waiting for it. The standard input of the process is empty; the caller
   * must read both outputs.
   *
   * @throws SandboxException when it may not or cannot be started
   */
  public Process start(Confinement confinement) {
    return prepare(confinement.cgroup()).launch(confinement);
  }

  /**
   * Performs the part of a start that is the same for every sandbox.
   *
   * @throws SandboxException when no process can be started
   */
  PooledLauncher prepare(Optional<Cgroup> cgroup) {
    List<String> command = namespaceCommands();
    command.addAll(List.of(programs.shell().toString(), "-c", SCRIPT, "dropserver-sandbox"));
    command.add(seccompFilter.toString());
    cgroup.map(Cgroup::entryFiles).orElse(List.of()).forEach(file -> command.add(file.toString()));
    CompletableFuture<PooledLauncher> started = new CompletableFuture<>();
    starts.add(() -> start(Program.of(command), cgroup, started));
    try {
      return started.join();
    } catch (CompletionException failure) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot start a sandbox: " + failure.getMessage(), failure);
    }
  }

  /** Returns the start of a command line that moves its process into the namespaces. */
  private List<String> namespaceCommands() {
    List<String> command = new ArrayList<>();
    folderView
        .join()
        .ifPresent(
            view ->
                command.addAll(
                    List.of(
                        programs.requiredNsenter().toString(),
                        "--mount=" + view.namespace(),
                        "--")));
    if (ownNetwork) {
      command.addAll(List.of(programs.requiredUnshare().toString(), "--net", "--"));
    }
    return command;
  }

  /** Kills all processes that this launcher started: they die with the launching thread. */
  @Override
  public void close() {
    thread.interrupt();
  }

  private void run(List<Path> folders) {
    try {
      folderView.complete(FolderView.open(folders));
    } catch (RuntimeException | Error refused) {
      folderView.completeExceptionally(refused);
    }
    try {
      while (true) {
        starts.take().run();
      }
    } catch (InterruptedException closed) {
      var _ = folderView.thenAccept(view -> view.ifPresent(FolderView::close));
      Thread.currentThread().interrupt();
    }
  }

  private void start(
      Program program, Optional<Cgroup> cgroup, CompletableFuture<PooledLauncher> started) {
    try {
      // In the root folder: the shell exports its folder, which the app can read in
      // /proc/1/environ.
      Process shell = program.start();
      started.complete(new PooledLauncher(this, shell, cgroup, ownNetwork));
    } catch (IOException | RuntimeException | Error failure) {
      started.completeExceptionally(
          failure); // an error must not end this thread, because all starts depend on it
    }
  }

  /**
   * Builds the command that turns a shell into the sandbox.
   *
   * @throws SandboxException when the sandbox may not be started
   */
  LaunchCommand launchCommand(Confinement confinement, boolean ownNetwork) {
    requireSafeUid(confinement.uid());
    return confinement
        .gvisor()
        .map(
            folder ->
                new Gvisor(programs, confinement, folder)
                    .start(system.libraries(), separatesUids()))
        .orElseGet(() -> bubblewrapCommand(confinement, ownNetwork));
  }

  /**
   * Sends SIGTERM to the app of a sandbox with gVisor. Does not wait.
   *
   * @throws SandboxException when the process that sends the request cannot be started
   */
  void terminate(Confinement confinement, Path gvisor) {
    LaunchCommand line = new Gvisor(programs, confinement, gvisor).terminate(separatesUids());
    var _ = prepare(confinement.cgroup()).execute(line);
  }

  private LaunchCommand bubblewrapCommand(Confinement confinement, boolean ownNetwork) {
    List<String> command = new ArrayList<>();
    if (serverUid == ROOT) {
      String uid = Integer.toString(confinement.uid());
      // Not setpriv, which looks every number up as a name, in all sources of nsswitch.conf(5).
      command.add(programs.requiredUnshare().toString());
      command.addAll(List.of("--setgid", uid, "--setuid", uid, "--"));
    }
    command.add(programs.bubblewrap().toString());
    command.addAll(List.of("--args", Integer.toString(LaunchCommand.OPTIONS_DESCRIPTOR), "--"));
    command.addAll(confinement.command());
    return new LaunchCommand(command, options(confinement, ownNetwork));
  }

  private List<String> options(Confinement confinement, boolean ownNetwork) {
    Confinement seen = confinement;
    Optional<Path> root = Optional.empty();
    if (confinement.overlays().isPresent() && system.canOverlay()) {
      var overlays = new Overlays(confinement.overlays().get(), system.folder());
      root = Optional.of(overlays.root(confinement.binds()));
      seen = confinement.withBinds(overlays.over(confinement.binds()));
      if (!overlays.isComplete()) {
        separatesInodes = false;
      }
    }
    return Bubblewrap.arguments(seen, root, system, LaunchCommand.SECCOMP_DESCRIPTOR, ownNetwork);
  }

  /** Creates a folder for the overlays of one process. The caller closes it. */
  public OverlayFolder overlayFolder() throws IOException {
    return OverlayFolder.in(seccompFilter.resolveSibling(""));
  }

  /** Returns whether each sandbox gets its own inodes for files that it shares with others. */
  public boolean separatesInodes() {
    return separatesInodes;
  }

  /**
   * Refuses to start a process as host root. A user namespace created by root maps root of the
   * host, whatever the uid inside. Without any capability, such a process could write core_pattern
   * and so run a file on the host.
   */
  private void requireSafeUid(int uid) {
    if (uid <= ROOT || (serverUid != ROOT && uid != serverUid)) {
      throw new SandboxException(
          SandboxReason.ISOLATION_UNAVAILABLE,
          "a sandbox may not run as uid "
              + uid
              + (serverUid == ROOT
                  ? "; give it one from the configured range"
                  : "; the server runs as uid " + serverUid + " and has no other"));
    }
  }

  private static long serverUid() {
    try {
      return ((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.ISOLATION_UNAVAILABLE, "cannot read /proc/self: mount /proc", e);
    }
  }
}
