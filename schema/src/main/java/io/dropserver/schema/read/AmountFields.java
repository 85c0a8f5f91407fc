package io.dropserver.schema.read;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.ScheduleFields;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.BackupPolicy.Keep;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Limits.AppspaceEgressLimits;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Reads limits, backup policies and their parts. */
final class AmountFields {
  private AmountFields() {}

  static Overrides overrides(MappingFields mappingFields) {
    return new Overrides(
        limits(mappingFields.fields("limits")), backup(mappingFields.fields("backup")));
  }

  private static UnaryOperator<Limits> limits(MappingFields mappingFields) {
    Optional<Long> memory = AmountType.BYTES.read(mappingFields, "memory", 32L << 20, 1L << 40);
    Optional<Integer> cpu = AmountType.CPU.read(mappingFields, "cpu", 10, 256_000);
    Optional<Integer> processes = mappingFields.integer("processes");
    Optional<Long> storage = AmountType.BYTES.read(mappingFields, "storage", 1L << 20, 100L << 40);
    Optional<Duration> requestTimeout = timeout(mappingFields, "requestTimeout", 1);
    Optional<Duration> idleTimeout = idleTimeout(mappingFields);
    Optional<Duration> stopAfter = timeout(mappingFields, "stopAfter", 8760);
    Optional<Long> requestBody =
        AmountType.BYTES.read(mappingFields, "requestBody", 1L << 10, 1L << 40);
    UnaryOperator<AppspaceEgressLimits> egress = egress(mappingFields.fields("egress"));
    return defaults ->
        new Limits(
            memory.orElse(defaults.memoryBytes()),
            cpu.orElse(defaults.cpuMillis()),
            processes.orElse(defaults.processes()),
            storage.orElse(defaults.storageBytes()),
            requestTimeout.orElse(defaults.requestTimeout()),
            idleTimeout.orElse(defaults.idleTimeout()),
            stopAfter.orElse(defaults.stopAfter()),
            requestBody.orElse(defaults.requestBodyBytes()),
            egress.apply(defaults.egress()));
  }

  private static Optional<Duration> idleTimeout(MappingFields mappingFields) {
    return mappingFields.text("idleTimeout").equals(Optional.of(Limits.NEVER_TEXT))
        ? Optional.of(Limits.NEVER)
        : timeout(mappingFields, "idleTimeout", 168);
  }

  private static Optional<Duration> timeout(
      MappingFields mappingFields, String key, int longestHours) {
    return AmountType.DURATION.read(
        mappingFields, key, Duration.ofSeconds(1), Duration.ofHours(longestHours));
  }

  private static UnaryOperator<AppspaceEgressLimits> egress(MappingFields mappingFields) {
    Optional<Integer> requests = mappingFields.integer("requestsPerSecond");
    Optional<Integer> connections = mappingFields.integer("connections");
    Optional<Long> bytes = AmountType.BYTES.read(mappingFields, "bytesPerHour", 1L << 20, 1L << 50);
    return defaults ->
        new AppspaceEgressLimits(
            requests.orElse(defaults.requestsPerSecond()),
            connections.orElse(defaults.connections()),
            bytes.orElse(defaults.bytesPerHour()));
  }

  private static UnaryOperator<BackupPolicy> backup(MappingFields mappingFields) {
    Optional<String> schedule = ScheduleFields.schedule(mappingFields);
    Optional<ZoneId> zone = ScheduleFields.zone(mappingFields);
    MappingFields keep = mappingFields.fields("keep");
    Optional<Integer> last = keep.integer("last");
    Optional<Integer> hourly = keep.integer("hourly");
    Optional<Integer> daily = keep.integer("daily");
    Optional<Integer> weekly = keep.integer("weekly");
    Optional<Integer> monthly = keep.integer("monthly");
    Optional<Integer> yearly = keep.integer("yearly");
    return defaults ->
        new BackupPolicy(
            schedule.orElse(defaults.schedule()),
            zone.orElse(defaults.zone()),
            new Keep(
                last.orElse(defaults.keep().last()),
                hourly.orElse(defaults.keep().hourly()),
                daily.orElse(defaults.keep().daily()),
                weekly.orElse(defaults.keep().weekly()),
                monthly.orElse(defaults.keep().monthly()),
                yearly.orElse(defaults.keep().yearly())));
  }
}
