package io.dropserver.server;

import io.dropserver.reconciler.status.SandboxFailures;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.lifecycle.SandboxEvents;
import io.dropserver.state.condition.Reason;
import java.util.function.Consumer;

/**
 * Forwards events of sandboxes to their recipients.
 *
 * @param whenStopped receives the name of an appspace whose sandbox has stopped
 */
record SandboxEventForwarder(SandboxFailures failures, Consumer<String> whenStopped)
    implements SandboxEvents {
  @Override
  public void started(String appspace) {
    failures.started(appspace);
  }

  @Override
  public void stopped(String appspace) {
    whenStopped.accept(appspace);
  }

  @Override
  public void ended(String appspace, Exit exit) {
    failures.ended(appspace, exit);
  }

  @Override
  public void startFailed(String appspace, Reason reason, String message) {
    failures.startFailed(appspace, reason, message);
  }

  @Override
  public void failureVoid(String appspace) {
    failures.clear(appspace);
  }
}
