package io.dropserver.web.control;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Backups, as a person asks for them; implemented by the reconciler. Thread-safe. Every method
 * throws {@link ControlException} when it cannot be done; an interrupt of the thread ends what
 * runs.
 */
public interface BackupControl {

  /** The newest first; those of the server itself have an empty appspace. */
  List<Entry> backups();

  /**
   * Does what is asked; returns when it is done.
   *
   * @param progress told how far it is
   */
  Outcome run(Order order, Consumer<Step> progress);

  /** What to keep elsewhere, so that a lost machine can be built anew. Holds the password. */
  Kit recoveryKit();

  /** What can be asked for. */
  enum Verb {
    /** A backup of an appspace, or of all and the server itself. */
    NOW,
    /** Restores a sample of a snapshot and compares it. */
    VERIFY,
    /** Into the appspace that it is of, into another one, or into a folder. */
    RESTORE,
    /** The same for an earlier version that is declared again: {@code confirm --restore}. */
    GO_BACK,
    /** One file that is readable without this program. */
    EXPORT,
    /** Such a file, or a plain folder, becomes an appspace's data. */
    IMPORT,
    /** Looks whether the repository is whole. */
    CHECK
  }

  /**
   * @param appspace whose; empty means all, or what the snapshot says
   * @param snapshot its first digits, or {@code latest}
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
   * @param percent -1 where it cannot be told
   */
  record Step(String appspace, String phase, int percent, long bytes, long files) {}

  /**
   * @param message one sentence for a person
   * @param fields for {@code -o json}
   */
  record Outcome(String message, Map<String, Object> fields) {}

  /**
   * @param verifiedAt when a sample of it was last restored and compared
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
   * @param environmentFile names a file that a remote repository needs
   */
  record Kit(
      String repository,
      String password,
      Optional<String> environmentFile,
      String configRepository,
      String branch) {}
}
