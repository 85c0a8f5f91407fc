package io.dropserver.schema.status;

import java.util.List;
import java.util.Optional;

/**
 * A backup operation with its arguments.
 *
 * @param appspace empty means all appspaces, or the appspace of the snapshot
 * @param snapshot the first digits of its id, or {@code latest}
 * @param path absolute, on the server's machine: a folder or a file
 * @param only paths in the data folder; empty means all
 */
public record BackupOrder(
    BackupVerb verb,
    Optional<String> appspace,
    Optional<String> snapshot,
    Optional<String> path,
    List<String> only) {}
