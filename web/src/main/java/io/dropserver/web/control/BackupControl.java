package io.dropserver.web.control;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Backup operations that a person starts; implemented by the reconciler. Thread-safe. Every method
 * throws {@link ControlException} when the operation is not possible. Interrupting the calling
 * thread cancels a running operation.
 */
public interface BackupControl {

  /** All snapshots, newest first. Snapshots of the server itself have an empty appspace. */
  List<Entry> backups();

  /**
   * Runs an operation and blocks until it has finished.
   *
   * @param progress receives the progress of the operation
   */
  Outcome run(Order order, Consumer<Step> progress);

  /**
   * What to keep off this machine in order to rebuild the server after losing it. Contains the
   * password.
   */
  Kit recoveryKit();

  /** The operations. */
  enum Verb {
    /** Backs up an appspace, or all of them and the server itself. */
    NOW,
    /** Restores a sample of a snapshot and compares it. */
    VERIFY,
    /** Restores into the appspace of the snapshot, into another one, or into a folder. */
    RESTORE,
    /**
     * Restores the data of an earlier app version that Git declares again: {@code confirm
     * --restore}.
     */
    GO_BACK,
    /** Writes one file that can be read without this program. */
    EXPORT,
    /** Makes an exported file, or a plain folder, the data of an appspace. */
    IMPORT,
    /** Checks the integrity of the repository. */
    CHECK
  }

  /**
   * An operation with its arguments.
   *
   * @param appspace empty means all, or the one of the snapshot
   * @param snapshot the first digits of its id, or {@code latest}
   * @param path absolute, on the server's machine: a folder or a file
   * @param only paths in the data folder; empty means all
   */
  record Order(
      Verb verb,
      Optional<String> appspace,
      Optional<String> snapshot,
      Optional<String> path,
      List<String> only) {}

  /**
   * @param phase such as {@code copying}
   * @param percent -1 when unknown
   */
  record Step(String appspace, String phase, int percent, long bytes, long files) {}

  /**
   * @param message one sentence for a person
   * @param fields for {@code -o json}
   */
  record Outcome(String message, Map<String, Object> fields) {}

  /**
   * @param verifiedAt when a sample of the snapshot was last restored and compared
   */
  record Entry(
      String snapshot,
      String appspace,
      String app,
      String owner,
      Instant time,
      long files,
      long bytes,
      Optional<Instant> verifiedAt) {}

  /**
   * @param environmentFile a file with the environment variables that a remote repository needs
   */
  record Kit(
      String repository,
      String password,
      Optional<String> environmentFile,
      String configRepository,
      String branch) {}
}
