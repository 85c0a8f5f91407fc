package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.status.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The command lines of gVisor (runsc): a kernel of its own, in user space, between an app and the
 * host's. It is started as the sandbox's own host user, never as root, in the sandbox's cgroup, and
 * makes namespaces and a system call filter for itself.
 */
final class Gvisor {
  /** The name of the only container below a {@code --root} of its own. */
  private static final String CONTAINER = "app";

  /** The shell's descriptors are bubblewrap's: gVisor would pass them on to its kernel. */
  private static final String CLOSE = "exec \"$@\" 8<&- 9<&-";

  private final Programs programs;
  private final Confinement confinement;
  private final Path bundle;

  /**
   * @param bundle a folder that belongs to the sandbox's uid and that no app sees
   */
  Gvisor(Programs programs, Confinement confinement, Path bundle) {
    this.programs = programs;
    this.confinement = confinement;
    this.bundle = bundle;
  }

  /**
   * Writes what it is told into its bundle: in a command line, other users of the host would read
   * the appspace's config.
   *
   * @param separateUid whether it can be started as a user of its own, which only root can
   */
  LaunchLine start(List<Bind> libraries, boolean separateUid) {
    writeBundle(libraries);
    List<String> command = asOwnUser(separateUid);
    // Its own loopback and nothing else.
    command.add("--network=none");
    // It starts inside our cgroup, which it could not write.
    command.add("--ignore-cgroups");
    // The app serves on a socket of the host's, and asks the broker on another; which it can reach
    // is decided by what is bound.
    command.add("--host-uds=all");
    // The root is read-only and empty: nothing to lay over.
    command.add("--overlay2=none");
    command.add("--oci-seccomp");
    command.addAll(List.of("run", "--bundle", bundle.toString(), CONTAINER));
    return new LaunchLine(command, List.of());
  }

  /** Asks the app's first process to end: on the host that is no process that could be asked. */
  LaunchLine terminate(boolean separateUid) {
    List<String> command = asOwnUser(separateUid);
    command.addAll(List.of("kill", CONTAINER, "TERM"));
    return new LaunchLine(command, List.of());
  }

  private List<String> asOwnUser(boolean separateUid) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(programs.shell().toString(), "-c", CLOSE, "dropserver-sandbox"));
    command.add(programs.requiredSetpriv().toString());
    if (separateUid) {
      String uid = Integer.toString(confinement.uid());
      command.addAll(List.of("--reuid", uid, "--regid", uid, "--clear-groups"));
    }
    // It kills its own processes when it dies; so none outlives the server.
    command.addAll(List.of("--no-new-privs", "--pdeathsig", "KILL", "--"));
    command.add(programs.requiredRunsc().toString());
    command.addAll(List.of("--root", bundle.resolve("state").toString(), "--rootless"));
    return command;
  }

  private void writeBundle(List<Bind> libraries) {
    try {
      // It makes the mount points in it itself.
      Path root = Files.createDirectory(bundle.resolve("root"));
      own(root);
      Path config = bundle.resolve("config.json");
      Files.write(config, GvisorBundle.json(confinement, libraries, root));
      Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("r--------"));
      own(config);
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot write into " + bundle + ": " + e, e);
    }
  }

  private void own(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", confinement.uid());
    Files.setAttribute(path, "unix:gid", confinement.uid());
  }
}
