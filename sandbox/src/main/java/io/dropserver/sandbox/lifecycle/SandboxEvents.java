package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.schema.status.Reason;

/** What happens to sandboxes, for conditions and events. Implementations return at once. */
public interface SandboxEvents {

  /** A sandbox of the appspace answers. */
  void started(String appspace);

  /** It was stopped on purpose: idle, replaced, withdrawn, or to make room. */
  void stopped(String appspace);

  /** It ended other than by being stopped: crashed, out of memory, killed. */
  void ended(String appspace, Exit exit);

  /**
   * It could not be started.
   *
   * @param reason of the {@link io.dropserver.sandbox.SandboxException}
   */
  void startFailed(String appspace, Reason reason, String message);
}
