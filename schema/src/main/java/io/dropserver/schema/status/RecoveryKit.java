package io.dropserver.schema.status;

import java.util.Optional;

/**
 * The data that rebuilds the server on another machine.
 *
 * @param environmentFile a file with the environment variables that a remote repository needs
 */
public record RecoveryKit(
    String repository,
    String password,
    Optional<String> environmentFile,
    String configRepository,
    String branch) {}
