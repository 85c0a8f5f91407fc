package io.dropserver.reconciler.backup;

import io.dropserver.backup.engine.BackupSource;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.status.Reason;
import java.util.Optional;

/**
 * What backups need from the reconciler. The composition root provides the implementation.
 * Thread-safe.
 */
public interface Appspaces {

  /**
   * The current declaration of an appspace, with the app version that serves; empty if it is not
   * declared.
   */
  Optional<Declared> find(String appspace);

  /**
   * Stops the appspace, runs the work, and starts the appspace again as declared. Nothing else
   * changes the appspace meanwhile.
   *
   * @throws RuntimeException the exception that the work threw
   */
  void runWhileStopped(String appspace, Runnable work);

  /** Starts another attempt to converge an appspace, if it is declared. Returns at once. */
  void retry(String appspace);

  /** Records an event. */
  void report(String appspace, Reason reason, String message, boolean warning);

  /** The revision in service; an empty string before the first one. */
  String revision();

  /** The declaration, and the part of it that is stored with a backup. */
  record Declared(Appspace appspace, BackupSource.AppspaceDeclaration declaration) {}
}
