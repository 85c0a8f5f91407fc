package io.dropserver.schema.status;

import java.util.Optional;

/**
 * @param environmentFile names a file that a remote repository needs
 */
public record RecoveryKit(
    String repository,
    String password,
    Optional<String> environmentFile,
    String configRepository,
    String branch) {}
