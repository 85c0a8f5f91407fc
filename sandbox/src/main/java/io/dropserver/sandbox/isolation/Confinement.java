package io.dropserver.sandbox.isolation;

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
 */
public record Confinement(
    int uid,
    List<String> command,
    SortedMap<String, String> environment,
    List<Bind> binds,
    long temporaryBytes,
    String workingFolder,
    Optional<Cgroup> cgroup) {

  public Confinement {
    command = List.copyOf(command);
    binds = List.copyOf(binds);
  }
}
