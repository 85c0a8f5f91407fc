package io.dropserver.schema.status;

import java.util.List;
import java.util.Optional;

/**
 * The data that rebuilds the server on another machine.
 *
 * @param environmentFile a file with the environment variables that a remote repository needs
 * @param hostFiles paths of the host's configuration and of the keys, tokens and certificates that
 *     it names; no backup contains them
 */
public record RecoveryKit(
    String repository,
    String password,
    Optional<String> environmentFile,
    String configRepository,
    String branch,
    List<String> hostFiles) {}
