package io.dropserver.control;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Backup operations that a person starts; implemented by the reconciler. Thread-safe. Every method
 * throws {@link ControlException} when the operation is not possible. Interrupting the calling
 * thread cancels a running operation.
 */
public interface BackupControl {

  /**
   * Returns the snapshots, newest first. Those of the server's own state have an empty appspace.
   *
   * @param repository the name of a further repository; empty means the first one
   */
  List<BackupEntry> backups(Optional<String> repository);

  /** Returns the snapshots of the first repository. */
  default List<BackupEntry> backups() {
    return backups(Optional.empty());
  }

  /**
   * Runs an operation and blocks until it has finished.
   *
   * @param progress receives the progress of the operation
   */
  BackupOutcome run(BackupOrder order, Consumer<BackupStep> progress);

  /**
   * Erases backups in every repository, their mirrors, and retained data. Continues with the other
   * repositories when one fails; the field {@code complete} of the outcome is then false.
   */
  BackupOutcome erase(Erasure erasure, Consumer<BackupStep> progress);

  /**
   * Returns the data that rebuilds the server on another machine. It contains the password of the
   * repository.
   */
  RecoveryKit recoveryKit();
}
