package io.dropserver.sandbox.isolation;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Describes one sandboxed process and everything that it can access.
 *
 * @param uid host user and group of the process; never 0
 * @param command absolute path inside the sandbox, and arguments
 * @param environment complete: nothing is inherited from the server
 * @param temporaryBytes size of its {@code /tmp}
 * @param workingFolder path inside the sandbox
 * @param cgroup the cgroup of the process; empty only if the host's configuration permits a sandbox
 *     without one
 * @param overlays an empty host folder for the sandbox's {@link Overlays}, searchable by every user
 *     and removed with the sandbox; its creator unmounts them; if empty, the sandbox shares the
 *     inodes of its shared binds with other sandboxes
 * @param gvisor a host folder for gVisor's files for this sandbox, owned by {@code uid} and not
 *     visible inside; empty for no second kernel
 */
public record Confinement(
    int uid,
    List<String> command,
    SortedMap<String, String> environment,
    List<Bind> binds,
    long temporaryBytes,
    String workingFolder,
    Optional<Cgroup> cgroup,
    Optional<Path> overlays,
    Optional<Path> gvisor) {

  public Confinement {
    command = List.copyOf(command);
    binds = List.copyOf(binds);
  }

  Confinement withBinds(List<Bind> others) {
    return new Confinement(
        uid, command, environment, others, temporaryBytes, workingFolder, cgroup, overlays, gvisor);
  }
}
