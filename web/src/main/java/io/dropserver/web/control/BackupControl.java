package io.dropserver.web.control;

import io.dropserver.schema.status.BackupEntry;
import io.dropserver.schema.status.BackupOrder;
import io.dropserver.schema.status.BackupOutcome;
import io.dropserver.schema.status.BackupStep;
import io.dropserver.schema.status.RecoveryKit;
import java.util.List;
import java.util.function.Consumer;

/**
 * Backups, as a person asks for them; implemented by the reconciler. Thread-safe. Every method
 * throws {@link ControlException} when it cannot be done; an interrupt of the thread ends what
 * runs.
 */
public interface BackupControl {

  /** The newest first; those of the server itself have an empty appspace. */
  List<BackupEntry> backups();

  /**
   * Does what is asked; returns when it is done.
   *
   * @param progress told how far it is
   */
  BackupOutcome run(BackupOrder order, Consumer<BackupStep> progress);

  /** What to keep elsewhere, so that a lost machine can be built anew. Holds the password. */
  RecoveryKit recoveryKit();
}
