package io.dropserver.schema.status;

import java.util.List;
import java.util.Optional;

/**
 * @param appspace whose; empty means all, or what the snapshot says
 * @param snapshot its first digits, or {@code latest}
 * @param path absolute, on the server's machine: a folder or a file
 * @param only paths in the data folder; empty means all
 */
public record BackupOrder(
    BackupVerb verb,
    Optional<String> appspace,
    Optional<String> snapshot,
    Optional<String> path,
    List<String> only) {}
