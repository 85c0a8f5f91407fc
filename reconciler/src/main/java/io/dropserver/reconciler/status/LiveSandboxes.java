package io.dropserver.reconciler.status;

import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.web.control.InstanceView.Condition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which sandboxes failed and did not come back since. In memory only: no sandbox outlives the
 * server, and an app that crashes in a loop must not keep the disk busy. Thread-safe.
 */
public final class LiveSandboxes implements SandboxReports {
  private static final Duration EVENT_APART = Duration.ofMinutes(1);

  private final EventLog events;
  private final Clock clock;
  private final Map<String, Condition> failing = new ConcurrentHashMap<>();
  private final Map<String, Instant> lastEvent = new ConcurrentHashMap<>();

  public LiveSandboxes(EventLog events, Clock clock) {
    this.events = events;
    this.clock = clock;
  }

  @Override
  public void started(String appspace) {
    failing.remove(appspace);
  }

  @Override
  public void ended(String appspace, Exit exit) {
    switch (exit.reason()) {
      case STOPPED -> failing.remove(appspace);
      case EXITED -> fail(appspace, "Crashed", exit.message());
      case OUT_OF_MEMORY -> fail(appspace, "OutOfMemory", exit.message());
      case KILLED -> fail(appspace, "Killed", exit.message());
    }
  }

  @Override
  public void startFailed(String appspace, String reason, String message) {
    fail(appspace, reason, message);
  }

  public Optional<Condition> failing(String appspace) {
    return Optional.ofNullable(failing.get(appspace));
  }

  private void fail(String appspace, String reason, String message) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    failing.compute(
        appspace,
        (name, before) ->
            new Condition(
                Reasons.SANDBOX_FAILING,
                true,
                reason,
                message,
                Optional.empty(),
                before == null ? now : before.since()));
    Instant last = lastEvent.get(appspace);
    if (last == null || last.plus(EVENT_APART).isBefore(now)) {
      lastEvent.put(appspace, now);
      events.add(events.event(ObjectKey.appspace(appspace), reason, message, true));
    }
  }
}
