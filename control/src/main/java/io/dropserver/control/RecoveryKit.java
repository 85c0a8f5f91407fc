package io.dropserver.control;

import java.util.List;
import java.util.Optional;

/**
 * The data that rebuilds the server on another machine.
 *
 * @param environmentFile a file with the environment variables that a remote repository needs
 * @param hostFiles paths of the host's configuration and of the keys, tokens and certificates that
 *     it names; no backup contains them
 * @param repositories further repositories, from each of which the server can be rebuilt too
 */
public record RecoveryKit(
    String repository,
    String password,
    Optional<String> environmentFile,
    String configRepository,
    String branch,
    List<String> hostFiles,
    List<Repository> repositories) {
  /** A further repository. */
  public record Repository(
      String name, String repository, String password, Optional<String> environmentFile) {}
}
