package io.dropserver.reconciler.status;

import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.schema.status.Reason;

/** What the sandboxes tell the reconciler; it becomes conditions and events. Returns at once. */
public interface SandboxReports {

  /** A sandbox of the appspace answers. */
  void started(String appspace);

  /** A sandbox ended other than by being stopped. */
  void ended(String appspace, Exit exit);

  /**
   * A sandbox could not be started.
   *
   * @param reason of the {@link io.dropserver.sandbox.SandboxException}
   */
  void startFailed(String appspace, Reason reason, String message);

  /** The volume of the appspace turned read-only. May be told again and again. */
  void storageFailed(String appspace);

  /** It was checked, and the next sandbox finds it writable. */
  void storageRepaired(String appspace);
}
