package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.FileOwner;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the command lines of gVisor (runsc), a kernel in user space between an app and the host's
 * kernel. gVisor runs as the sandbox's own host user, never as root, in the sandbox's cgroup. It
 * creates namespaces and a system call filter for itself.
 *
 * @param bundle a folder that is owned by the sandbox's uid and not visible to any app
 */
record Gvisor(Programs programs, Confinement confinement, Path bundle) {
  /** The name of the only container in this sandbox's own {@code --root}. */
  private static final String CONTAINER = "app";

  /**
   * A script that closes the descriptors that the launcher opens for bubblewrap. Otherwise gVisor
   * would pass them on to its kernel.
   */
  private static final String CLOSE = "exec \"$@\" 8<&- 9<&-";

  /**
   * Writes the configuration into the bundle. On a command line, other users of the host could read
   * the appspace's config.
   *
   * @param separateUid whether gVisor can be started as another user, which requires root
   */
  LaunchCommand start(List<Bind> libraries, boolean separateUid) {
    writeBundle(libraries);
    List<String> command = asOwnUser(separateUid);
    // Provides only a loopback interface.
    command.add("--network=none");
    // gVisor starts inside the sandbox's cgroup, which it may not write.
    command.add("--ignore-cgroups");
    // The app serves on a host socket and uses another one for the gateway. The bind mounts
    // determine which sockets it can reach.
    command.add("--host-uds=all");
    // No overlay is needed, because the root is read-only and empty.
    command.add("--overlay2=none");
    command.add("--oci-seccomp");
    command.addAll(List.of("run", "--bundle", bundle.toString(), CONTAINER));
    return new LaunchCommand(command, List.of());
  }

  /**
   * Asks the app's first process to end. The app has no process on the host that could be
   * signalled.
   */
  LaunchCommand terminate(boolean separateUid) {
    List<String> command = asOwnUser(separateUid);
    command.addAll(List.of("kill", CONTAINER, "TERM"));
    return new LaunchCommand(command, List.of());
  }

  private List<String> asOwnUser(boolean separateUid) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(programs.shell().toString(), "-c", CLOSE, "dropserver-sandbox"));
    command.add(programs.requiredSetpriv().toString());
    if (separateUid) {
      String uid = Integer.toString(confinement.uid());
      command.addAll(List.of("--reuid", uid, "--regid", uid, "--clear-groups"));
    }
    // gVisor kills its own processes when it dies, so none of them outlives the server.
    command.addAll(List.of("--no-new-privs", "--pdeathsig", "KILL", "--"));
    command.add(programs.requiredRunsc().toString());
    command.addAll(List.of("--root", bundle.resolve("state").toString(), "--rootless"));
    return command;
  }

  private void writeBundle(List<Bind> libraries) {
    try {
      // gVisor creates the mount points in this folder itself.
      Path root = Files.createDirectory(bundle.resolve("root"));
      FileOwner.set(root, confinement.uid());
      Path config = bundle.resolve("config.json");
      Files.write(config, GvisorBundle.json(confinement, libraries, root));
      Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("r--------"));
      FileOwner.set(config, confinement.uid());
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot write into " + bundle + ": " + e, e);
    }
  }
}
