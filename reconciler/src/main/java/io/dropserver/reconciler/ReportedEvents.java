package io.dropserver.reconciler;

import io.dropserver.reconciler.status.SandboxReports;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.lifecycle.SandboxEvents;
import io.dropserver.schema.status.Reason;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Passes on what happens to sandboxes. The receivers are made after the sandboxes, which they need
 * themselves; nothing runs before both are there.
 */
final class ReportedEvents implements SandboxEvents {
  private volatile Optional<SandboxReports> reports = Optional.empty();
  private volatile Optional<Consumer<String>> stopped = Optional.empty();

  /**
   * @param whenStopped told the appspace whose sandbox is gone
   */
  void passTo(SandboxReports receiver, Consumer<String> whenStopped) {
    reports = Optional.of(receiver);
    stopped = Optional.of(whenStopped);
  }

  @Override
  public void started(String appspace) {
    reports.ifPresent(receiver -> receiver.started(appspace));
  }

  @Override
  public void stopped(String appspace) {
    stopped.ifPresent(receiver -> receiver.accept(appspace));
  }

  @Override
  public void ended(String appspace, Exit exit) {
    reports.ifPresent(receiver -> receiver.ended(appspace, exit));
  }

  @Override
  public void startFailed(String appspace, Reason reason, String message) {
    reports.ifPresent(receiver -> receiver.startFailed(appspace, reason, message));
  }
}
