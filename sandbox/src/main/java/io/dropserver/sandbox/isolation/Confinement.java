package io.dropserver.sandbox.isolation;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What one sandboxed process is and sees; all else is withheld.
 *
 * @param uid host user and group that it runs as; never 0
 * @param command absolute path inside, and arguments
 * @param environment complete: nothing of the server's is inherited
 * @param temporaryBytes size of its {@code /tmp}
 * @param workingFolder inside
 * @param cgroup where it starts; empty only when the host's configuration allows that
 * @param overlays an empty folder of the host's that every user can pass through and that goes with
 *     the sandbox; its {@link Overlays} are mounted there, and whoever made it unmounts them.
 *     Without it the sandbox has its shared binds in common with others, down to the inode
 * @param gvisor where gVisor keeps what it needs for this sandbox, a folder of the host's that
 *     belongs to {@code uid} and that nothing inside sees; empty for no second kernel
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

  /** Behind the host's own kernel only. */
  public Confinement(
      int uid,
      List<String> command,
      SortedMap<String, String> environment,
      List<Bind> binds,
      long temporaryBytes,
      String workingFolder,
      Optional<Cgroup> cgroup) {
    this(
        uid,
        command,
        environment,
        binds,
        temporaryBytes,
        workingFolder,
        cgroup,
        Optional.empty(),
        Optional.empty());
  }

  /** The same with inodes of its own. */
  public Confinement withOverlays(Path folder) {
    return new Confinement(
        uid,
        command,
        environment,
        binds,
        temporaryBytes,
        workingFolder,
        cgroup,
        Optional.of(folder),
        gvisor);
  }

  Confinement withBinds(List<Bind> others) {
    return new Confinement(
        uid, command, environment, others, temporaryBytes, workingFolder, cgroup, overlays, gvisor);
  }

  /** The same behind a second kernel. */
  public Confinement withGvisor(Path folder) {
    return new Confinement(
        uid,
        command,
        environment,
        binds,
        temporaryBytes,
        workingFolder,
        cgroup,
        overlays,
        Optional.of(folder));
  }
}
