package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.state.condition.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs failures of a receiver of events. A receiver that cannot store an event, because the disk is
 * full, must not prevent a start or leave a sandbox between two phases. Thread-safe if the receiver
 * is.
 */
record LoggedEvents(SandboxEvents receiver) implements SandboxEvents {
  private static final Logger LOG = LoggerFactory.getLogger(LoggedEvents.class);

  @Override
  public void started(String appspace) {
    attempt(appspace, () -> receiver.started(appspace));
  }

  @Override
  public void stopped(String appspace) {
    attempt(appspace, () -> receiver.stopped(appspace));
  }

  @Override
  public void ended(String appspace, Exit exit) {
    attempt(appspace, () -> receiver.ended(appspace, exit));
  }

  @Override
  public void startFailed(String appspace, Reason reason, String message) {
    attempt(appspace, () -> receiver.startFailed(appspace, reason, message));
  }

  @Override
  public void failureVoid(String appspace) {
    attempt(appspace, () -> receiver.failureVoid(appspace));
  }

  private static void attempt(String appspace, Runnable event) {
    try {
      event.run();
    } catch (RuntimeException failure) {
      LOG.error("an event of the sandbox of {} could not be recorded", appspace, failure);
    }
  }
}
