package io.dropserver.reconciler.server;

import io.dropserver.reconciler.status.SandboxReports;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.lifecycle.SandboxEvents;
import io.dropserver.schema.status.Reason;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Forwards events of sandboxes. The receivers are created after the sandboxes, because they depend
 * on them; nothing runs before they are set.
 */
final class SandboxEventForwarder implements SandboxEvents {
  private volatile Optional<SandboxReports> reports = Optional.empty();
  private volatile Optional<Consumer<String>> stopped = Optional.empty();

  /**
   * @param whenStopped receives the appspace whose sandbox is gone
   */
  void connectTo(SandboxReports receiver, Consumer<String> whenStopped) {
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
