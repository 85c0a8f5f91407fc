package io.dropserver.control;

import java.util.List;
import java.util.Optional;

/**
 * A backup operation with its arguments.
 *
 * @param appspace empty means all appspaces, or the appspace of the snapshot
 * @param snapshot the first digits of its id, or {@code latest}
 * @param path absolute, on the server's machine: a folder or a file
 * @param only paths in the data folder; empty means all
 * @param repository the name of a further repository; empty means the first one
 */
public record BackupOrder(
    BackupVerb verb,
    Optional<String> appspace,
    Optional<String> snapshot,
    Optional<String> path,
    List<String> only,
    Optional<String> repository) {

  /** An operation on the first repository. */
  public BackupOrder(
      BackupVerb verb,
      Optional<String> appspace,
      Optional<String> snapshot,
      Optional<String> path,
      List<String> only) {
    this(verb, appspace, snapshot, path, only, Optional.empty());
  }

  /** Returns the same operation on another repository. */
  public BackupOrder in(Optional<String> other) {
    return new BackupOrder(verb, appspace, snapshot, path, only, other);
  }
}
