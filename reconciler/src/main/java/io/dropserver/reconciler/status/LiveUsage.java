package io.dropserver.reconciler.status;

import io.dropserver.control.AppspaceUsage;
import io.dropserver.control.UsagePoint;
import io.dropserver.sandbox.lifecycle.AwakeClaims;
import io.dropserver.sandbox.usage.Pressure;
import io.dropserver.sandbox.usage.UsageSample;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Limits;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Provides the resource usage of appspaces for display, and a condition for each limit that an
 * appspace reaches. Thread-safe.
 */
public record LiveUsage(Measurements measurements) {
  /** Measurements of appspaces. Thread-safe. */
  public interface Measurements {

    /** Returns recent samples, oldest first; empty if the appspace has not run recently. */
    List<UsageSample> history(String appspace);

    /** Returns the limits that the appspace reaches, each with the time since when. */
    Map<Pressure, Instant> pressures(String appspace);

    boolean isLive(String appspace);

    /** Returns whether the sandbox is frozen because it is not in use. */
    boolean isAsleep(String appspace);

    boolean isStarting(String appspace);

    /** Returns the claims of an app to work after its last response. */
    Optional<AwakeClaims.Awake> awake(String appspace);
  }

  public Optional<AppspaceUsage> of(Appspace appspace, boolean withHistory) {
    List<UsageSample> samples = measurements.history(appspace.name());
    if (samples.isEmpty()) {
      return Optional.empty();
    }
    Limits limits = appspace.limits();
    return Optional.of(
        new AppspaceUsage(
            measurements.isLive(appspace.name()),
            measurements.isAsleep(appspace.name()),
            limits.memoryBytes(),
            limits.cpuMillis(),
            limits.processes(),
            limits.storageBytes(),
            sample(samples.getLast()),
            withHistory ? samples.stream().map(LiveUsage::sample).toList() : List.of()));
  }

  public List<Condition> conditions(Appspace appspace) {
    return Stream.concat(
            new TreeMap<>(measurements.pressures(appspace.name()))
                .entrySet().stream()
                    .map(found -> condition(appspace, found.getKey(), found.getValue())),
            keptAwake(appspace).stream())
        .toList();
  }

  /** Returns what keeps an idle appspace from being stopped. */
  private Optional<Condition> keptAwake(Appspace appspace) {
    if (appspace.limits().isNeverIdle()) {
      return Optional.of(
          Conditions.raised(
              ConditionType.KEPT_AWAKE,
              AppspaceReason.NEVER_IDLE,
              "limits.idleTimeout is never: it runs without requests, and rests only for lack of"
                  + " room",
              Instant.EPOCH));
    }
    return measurements
        .awake(appspace.name())
        .map(
            awake ->
                Conditions.raised(
                    ConditionType.KEPT_AWAKE,
                    AppspaceReason.APP_WORKING,
                    "the app works after its last response (keepAwake): %d claims, of which each ends after %d minutes at the latest"
                        .formatted(awake.count(), AwakeClaims.LONGEST.toMinutes()),
                    awake.since()));
  }

  private static Condition condition(Appspace appspace, Pressure pressure, Instant since) {
    Limits limits = appspace.limits();
    return switch (pressure) {
      case CPU ->
          condition(
              ConditionType.CPU_THROTTLED,
              "it waits for the processor most of the time: it uses all of limits.cpu (%dm); raise the limit, or fix the app"
                  .formatted(limits.cpuMillis()),
              since);
      case PROCESSES ->
          condition(
              ConditionType.PROCESS_LIMIT_REACHED,
              "it was refused a process or thread: limits.processes is %d; raise the limit, or fix the app"
                  .formatted(limits.processes()),
              since);
      case STORAGE ->
          condition(
              ConditionType.STORAGE_FULL,
              "its data folder is full: limits.storage is %d MiB; raise the limit, or have its users delete data"
                  .formatted(limits.storageBytes() >> 20),
              since);
      case DISK ->
          Conditions.raised(
              ConditionType.STORAGE_FULL,
              AppspaceReason.DISK_FULL,
              "it cannot store more, because the disk of the server is full; stored data is"
                  + " safe; see the condition DiskLow of the server",
              since);
    };
  }

  private static Condition condition(ConditionType type, String message, Instant since) {
    return Conditions.raised(type, AppspaceReason.LIMIT_REACHED, message, since);
  }

  public static UsagePoint sample(UsageSample sample) {
    return new UsagePoint(
        sample.time(),
        sample.memoryBytes(),
        sample.cpuMillis(),
        sample.throttledPercent(),
        sample.processes(),
        sample.ioBytesPerSecond(),
        sample.storageBytes());
  }
}
