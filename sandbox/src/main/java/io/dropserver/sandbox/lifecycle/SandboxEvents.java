package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.state.condition.Reason;

/**
 * Receives events of sandboxes, for conditions and notifications. Implementations must not block.
 */
public interface SandboxEvents {

  /** A sandbox of the appspace has started, and its app accepts connections. */
  void started(String appspace);

  /**
   * The sandbox was stopped on purpose: it was idle, replaced or withdrawn, or another sandbox
   * needed its place.
   */
  void stopped(String appspace);

  /** The sandbox ended unexpectedly: it crashed, ran out of memory or was killed. */
  void ended(String appspace, Exit exit);

  /**
   * The sandbox could not be started.
   *
   * @param reason of the {@link io.dropserver.sandbox.SandboxException}
   */
  void startFailed(String appspace, Reason reason, String message);

  /** An appspace that could never start was changed or withdrawn: its earlier failure is void. */
  void failureVoid(String appspace);
}
