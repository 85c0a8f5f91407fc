package io.dropserver.reconciler.status;

import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.EventReason;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.SandboxReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tracks sandboxes that failed and have not recovered since. Kept in memory only: no sandbox
 * outlives the server, and an app that crashes repeatedly must not cause disk writes. Methods do
 * not block. Thread-safe.
 */
public final class SandboxFailures {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxFailures.class);
  private static final Duration EVENT_APART = Duration.ofMinutes(1);

  private static final String READ_ONLY =
      "its volume turned read-only after an I/O error, as on a full or failing disk: the app can"
          + " read but not write; the server checks and mounts it again once the disk has free"
          + " space";

  private final EventLog events;
  private final Clock clock;
  private final Map<String, Condition> failing = new ConcurrentHashMap<>();
  private final Map<String, Condition> readOnly = new ConcurrentHashMap<>();
  private final Map<String, Instant> lastEvent = new ConcurrentHashMap<>();

  public SandboxFailures(EventLog events, Clock clock) {
    this.events = events;
    this.clock = clock;
  }

  /** Clears the failures of an appspace, because its sandbox has started and answers requests. */
  public void started(String appspace) {
    failing.remove(appspace);
    // If the volume is still read-only, the disk guard reports it again within a second.
    storageRepaired(appspace);
  }

  /** Records why a sandbox ended. A regular stop clears earlier failures. */
  public void ended(String appspace, Exit exit) {
    switch (exit.reason()) {
      case STOPPED -> failing.remove(appspace);
      case EXITED -> fail(appspace, SandboxReason.CRASHED, exit.message());
      case OUT_OF_MEMORY -> fail(appspace, SandboxReason.OUT_OF_MEMORY, exit.message());
      case KILLED -> fail(appspace, SandboxReason.KILLED, exit.message());
    }
  }

  /**
   * Records that a sandbox could not be started.
   *
   * @param reason the reason of the {@link io.dropserver.sandbox.SandboxException}
   */
  public void startFailed(String appspace, Reason reason, String message) {
    fail(appspace, reason, message);
  }

  /** Clears the failure of an appspace, because its cause was removed before another start. */
  public void clear(String appspace) {
    failing.remove(appspace);
  }

  /** Records that the appspace's volume turned read-only. Idempotent. */
  public void storageFailed(String appspace) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    Condition condition =
        Conditions.raised(ConditionType.STORAGE_READ_ONLY, AppspaceReason.IO_ERROR, READ_ONLY, now);
    if (readOnly.putIfAbsent(appspace, condition) == null) {
      events.report(appspace, EventReason.STORAGE_READ_ONLY, READ_ONLY, true);
    }
  }

  /** Clears the record of a read-only volume, because the volume was repaired. */
  public void storageRepaired(String appspace) {
    if (readOnly.remove(appspace) != null) {
      String message = "its volume was checked and can be written again";
      events.report(appspace, EventReason.STORAGE_REPAIRED, message, false);
    }
  }

  /** Returns the condition of a read-only volume; empty if the volume is writable. */
  public Optional<Condition> readOnly(String appspace) {
    return Optional.ofNullable(readOnly.get(appspace));
  }

  public Optional<Condition> failing(String appspace) {
    return Optional.ofNullable(failing.get(appspace));
  }

  private void fail(String appspace, Reason reason, String message) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    failing.compute(
        appspace,
        (name, before) ->
            Conditions.raised(
                ConditionType.SANDBOX_FAILING,
                reason,
                message,
                before == null ? now : before.since()));
    Instant last = lastEvent.get(appspace);
    if (last == null || Duration.between(last, now).abs().compareTo(EVENT_APART) > 0) {
      lastEvent.put(appspace, now);
      events.report(appspace, reason, message, true);
      LOG.warn("appspace {}: {}: {}", appspace, reason.text(), message);
    }
  }
}
