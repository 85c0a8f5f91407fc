package io.dropserver.reconciler.status;

import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.schema.status.Reason;

/**
 * Receives reports of the sandboxes, which become conditions and events. All methods return at
 * once.
 */
public interface SandboxReports {

  /** A sandbox of the appspace started and answers requests. */
  void started(String appspace);

  /** A sandbox ended. */
  void ended(String appspace, Exit exit);

  /**
   * A sandbox could not be started.
   *
   * @param reason of the {@link io.dropserver.sandbox.SandboxException}
   */
  void startFailed(String appspace, Reason reason, String message);

  /** The volume of the appspace turned read-only. May be reported repeatedly. */
  void storageFailed(String appspace);

  /** The volume was checked; the next sandbox can write to it. */
  void storageRepaired(String appspace);
}
