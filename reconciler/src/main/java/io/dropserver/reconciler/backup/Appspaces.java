package io.dropserver.reconciler.backup;

import io.dropserver.backup.engine.BackupSource;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.condition.Reason;
import java.util.Optional;

/**
 * Gives the backup module access to appspaces. The composition root provides the implementation.
 * Thread-safe.
 */
public interface Appspaces {

  /**
   * Returns the current declaration of an appspace, with the app version that wrote its data; empty
   * if the appspace is not declared.
   */
  Optional<Declared> find(String appspace);

  /**
   * Stops the appspace, runs the work, and starts the appspace again as declared. No other change
   * is made to the appspace in between.
   *
   * @throws RuntimeException the exception that the work threw
   */
  void runWhileStopped(String appspace, Runnable work);

  /**
   * Starts attempts at the appspaces that failed, because one may be waiting for a decision about
   * data that was deleted. Does not block.
   */
  void retryFailed();

  /** Records an event. */
  void report(String appspace, Reason reason, String message, boolean warning);

  /** A declared appspace, and the part of its declaration that is stored with each backup. */
  record Declared(Appspace appspace, BackupSource.AppspaceDeclaration declaration) {}
}
