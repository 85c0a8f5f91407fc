package io.dropserver.schema.read;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.SpellingSuggestion;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.BackupPolicy.Keep;
import io.dropserver.schema.instance.Cron;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Limits.AppspaceEgressLimits;
import java.time.DateTimeException;
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
    Optional<String> schedule = schedule(mappingFields);
    Optional<ZoneId> zone = zone(mappingFields);
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

  static Optional<String> schedule(MappingFields mappingFields) {
    Optional<String> text = mappingFields.text("schedule");
    if (text.isEmpty()) {
      return text;
    }
    return switch (Cron.parse(text.get())) {
      case Cron.Valid valid -> Optional.of(valid.cron().text());
      case Cron.Invalid invalid -> {
        mappingFields.problem(
            "schedule",
            Quoting.quote(text.get()) + " is not a schedule: " + invalid.message(),
            invalid.hint());
        yield Optional.empty();
      }
    };
  }

  static Optional<ZoneId> zone(MappingFields mappingFields) {
    Optional<String> text = mappingFields.text("timeZone");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ZoneId.of(text.get()));
    } catch (DateTimeException e) {
      mappingFields.problem(
          "timeZone",
          Quoting.quote(text.get()) + " is not a time zone",
          SpellingSuggestion.nearest(text.get(), ZoneId.getAvailableZoneIds())
              .orElse("write a name from the IANA list, like Europe/Berlin"));
      return Optional.empty();
    }
  }
}
