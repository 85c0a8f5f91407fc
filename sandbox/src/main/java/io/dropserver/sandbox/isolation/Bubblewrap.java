package io.dropserver.sandbox.isolation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The arguments of bubblewrap (bwrap(1)). Pure: each line says which attack it stops, and
 * docs/sandbox.md says so to the operator.
 */
final class Bubblewrap {
  /** What the mount points need; the root holds nothing else. */
  private static final long ROOT_BYTES = 1 << 20;

  private static final long DEVICES_BYTES = 64 << 10;

  /** Nobody: what runs inside is told no name of the host's. */
  private static final String UID_INSIDE = "65534";

  private final List<String> arguments = new ArrayList<>();

  private Bubblewrap() {}

  /**
   * The options, without the command.
   *
   * @param root an overlay that holds libraries, devices and mount points; without it the root is
   *     an empty file system with the libraries and the host's devices bound into it
   * @param seccompDescriptor an open file that holds the compiled filter
   * @param ownNetwork whether bubblewrap is started in a network namespace that is this sandbox's
   *     alone
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
    // user, pid, net, ipc, uts, cgroup, mount: no interface, process, key, or name of the host.
    add("--unshare-all");
    if (ownNetwork) {
      // Not the host's: one that was made ahead, see Namespaces.
      add("--share-net");
    }
    // --unshare-all only tries a user namespace; without one there would be no uid map.
    add("--unshare-user");
    // No further user namespace: they are how most kernel escapes reach privileged code.
    add("--disable-userns");
    add("--uid", UID_INSIDE, "--gid", UID_INSIDE);
    // The host's name would tell two appspaces that they share a machine.
    add("--hostname", "dropserver");
  }

  private void process(int seccompDescriptor) {
    // No orphan outlives the server, even one that was killed with SIGKILL.
    add("--die-with-parent");
    // No controlling terminal: TIOCSTI would type into the operator's shell (CVE-2017-5226).
    add("--new-session");
    // Nothing that the user namespace would otherwise give: mount, net_admin, sys_ptrace, …
    add("--cap-drop", "ALL");
    add("--seccomp", Integer.toString(seccompDescriptor));
  }

  private void files(Confinement confinement, Optional<Path> root, SystemTree system) {
    root.ifPresentOrElse(
        // Neither --ro-bind nor --remount-ro, which both add nodev. The overlay has no upper layer,
        // so nothing can be written to it.
        overlay -> add("--dev-bind", overlay.toString(), "/"),
        () -> rootInMemory(system));
    // Own pid namespace's processes only; read-only against /proc/self/mem (CVE-2024-34346),
    // oom_score_adj and every sysctl that a user namespace may write.
    add("--proc", "/proc");
    SystemTree.machine(root.orElse(system.folder())).forEach(this::bind);
    add("--remount-ro", "/proc");
    add("--size", Long.toString(confinement.temporaryBytes()), "--tmpfs", "/tmp");
    confinement.binds().forEach(this::bind);
    if (root.isEmpty()) {
      // bubblewrap's own root is writable: an app would hide memory and sockets in it.
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
    // The server's environment holds credentials.
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
