package io.dropserver.schema.read;

import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.BackupPolicy.Keep;
import io.dropserver.schema.instance.Limits;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/**
 * The limits and backup values that one document sets. {@code withDefaults} fills missing values.
 */
record Overrides(LimitValues limits, BackupValues backup) {
  static final Overrides NONE =
      new Overrides(
          new LimitValues(
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              new EgressValues(Optional.empty(), Optional.empty(), Optional.empty())),
          new BackupValues(
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));

  record LimitValues(
      Optional<Long> memoryBytes,
      Optional<Integer> cpuMillis,
      Optional<Integer> processes,
      Optional<Long> storageBytes,
      Optional<Duration> requestTimeout,
      Optional<Duration> idleTimeout,
      Optional<Long> requestBodyBytes,
      EgressValues egress) {

    Limits withDefaults(Limits defaults) {
      return new Limits(
          memoryBytes.orElse(defaults.memoryBytes()),
          cpuMillis.orElse(defaults.cpuMillis()),
          processes.orElse(defaults.processes()),
          storageBytes.orElse(defaults.storageBytes()),
          requestTimeout.orElse(defaults.requestTimeout()),
          idleTimeout.orElse(defaults.idleTimeout()),
          requestBodyBytes.orElse(defaults.requestBodyBytes()),
          egress.withDefaults(defaults.egress()));
    }
  }

  record EgressValues(
      Optional<Integer> requestsPerSecond,
      Optional<Integer> connections,
      Optional<Long> bytesPerHour) {

    Limits.AppspaceEgressLimits withDefaults(Limits.AppspaceEgressLimits defaults) {
      return new Limits.AppspaceEgressLimits(
          requestsPerSecond.orElse(defaults.requestsPerSecond()),
          connections.orElse(defaults.connections()),
          bytesPerHour.orElse(defaults.bytesPerHour()));
    }
  }

  record BackupValues(
      Optional<String> schedule,
      Optional<ZoneId> zone,
      Optional<Integer> last,
      Optional<Integer> hourly,
      Optional<Integer> daily,
      Optional<Integer> weekly,
      Optional<Integer> monthly,
      Optional<Integer> yearly) {

    BackupPolicy withDefaults(BackupPolicy defaults) {
      Keep keep = defaults.keep();
      return new BackupPolicy(
          schedule.orElse(defaults.schedule()),
          zone.orElse(defaults.zone()),
          new Keep(
              last.orElse(keep.last()),
              hourly.orElse(keep.hourly()),
              daily.orElse(keep.daily()),
              weekly.orElse(keep.weekly()),
              monthly.orElse(keep.monthly()),
              yearly.orElse(keep.yearly())));
    }
  }
}
