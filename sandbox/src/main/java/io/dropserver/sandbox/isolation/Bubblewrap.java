package io.dropserver.sandbox.isolation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds the arguments of bubblewrap (bwrap(1)), without side effects. Comments name the attack
 * that an option stops; docs/internals/sandbox.md explains the options to operators.
 */
final class Bubblewrap {
  /** The size of the root file system, which contains only mount points. */
  private static final long ROOT_BYTES = 1 << 20;

  private static final long DEVICES_BYTES = 64 << 10;

  /** The user nobody, so that the sandbox does not learn a uid of the host. */
  private static final String UID_INSIDE = "65534";

  private final List<String> arguments = new ArrayList<>();

  private Bubblewrap() {}

  /**
   * Returns the options, without the command.
   *
   * @param root an overlay with libraries, devices and mount points; if empty, the root is an empty
   *     file system into which the libraries and the host's devices are mounted
   * @param seccompDescriptor an open file with the compiled filter
   * @param ownNetwork whether bubblewrap is started in a network namespace that belongs to this
   *     sandbox alone
   */
  static List<String> arguments(
      Confinement confinement,
      Optional<Path> root,
      SystemTree system,
      int seccompDescriptor,
      boolean ownNetwork) {
    Bubblewrap bubblewrap = new Bubblewrap();
    bubblewrap.namespaces(ownNetwork);
    bubblewrap.process(seccompDescriptor);
    bubblewrap.files(confinement, root, system);
    bubblewrap.environment(confinement);
    return List.copyOf(bubblewrap.arguments);
  }

  private void namespaces(boolean ownNetwork) {
    // user, pid, net, ipc, uts, cgroup, mount: hides the host's interfaces, processes, keys and
    // names.
    add("--unshare-all");
    if (ownNetwork) {
      // bubblewrap is already in a network namespace of this sandbox alone, see Namespaces.
      add("--share-net");
    }
    // --unshare-all treats the user namespace as optional. Without it, there would be no uid map.
    add("--unshare-user");
    // No nested user namespaces: most kernel exploits reach privileged code through them.
    add("--disable-userns");
    add("--uid", UID_INSIDE, "--gid", UID_INSIDE);
    // The host's name would tell two appspaces that they share a machine.
    add("--hostname", "dropserver");
  }

  private void process(int seccompDescriptor) {
    // No sandbox outlives the server, even if the server is killed with SIGKILL.
    add("--die-with-parent");
    // No controlling terminal: TIOCSTI would type into the operator's shell (CVE-2017-5226).
    add("--new-session");
    // Drops all capabilities that the user namespace would provide: mount, net_admin, sys_ptrace, …
    add("--cap-drop", "ALL");
    add("--seccomp", Integer.toString(seccompDescriptor));
  }

  private void files(Confinement confinement, Optional<Path> root, SystemTree system) {
    root.ifPresentOrElse(
        // --ro-bind and --remount-ro would add nodev, which disables the devices in the overlay.
        // The overlay has no upper layer, so it is read-only without these options.
        overlay -> add("--dev-bind", overlay.toString(), "/"),
        () -> rootInMemory(system));
    // Shows only processes of the sandbox's pid namespace. Read-only, to protect /proc/self/mem
    // (CVE-2024-34346), oom_score_adj and every sysctl that a user namespace may write.
    add("--proc", "/proc");
    SystemTree.processorFiles(root.orElse(system.folder())).forEach(this::bind);
    add("--remount-ro", "/proc");
    add("--size", Long.toString(confinement.temporaryBytes()), "--tmpfs", "/tmp");
    confinement.binds().forEach(this::bind);
    if (root.isEmpty()) {
      // bubblewrap's own root is writable. An app could hide data and sockets in it.
      add("--remount-ro", "/");
    }
    add("--chdir", confinement.workingFolder());
  }

  private void rootInMemory(SystemTree system) {
    add("--size", Long.toString(ROOT_BYTES), "--tmpfs", "/");
    add("--size", Long.toString(DEVICES_BYTES), "--tmpfs", "/dev");
    for (String device : SystemTree.DEVICES) {
      add("--dev-bind", "/dev/" + device, "/dev/" + device);
    }
    add("--remount-ro", "/dev");
    system.libraries().forEach(this::bind);
  }

  private void environment(Confinement confinement) {
    // The server's environment contains credentials.
    add("--clearenv");
    confinement.environment().forEach((name, value) -> add("--setenv", name, value));
  }

  private void bind(Bind bind) {
    add(bind.isWritable() ? "--bind" : "--ro-bind", bind.source().toString(), bind.target());
  }

  private void add(String... words) {
    arguments.addAll(List.of(words));
  }
}
