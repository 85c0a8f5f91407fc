package io.dropserver.schema.read;

import io.dropserver.schema.document.Amounts;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.SpellingSuggestion;
import io.dropserver.schema.instance.Cron;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/** Reads limits, backup policies and their parts. */
final class AmountFields {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private AmountFields() {}

  static Overrides overrides(MappingFields mappingFields) {
    return new Overrides(
        limits(mappingFields.fields("limits")), backup(mappingFields.fields("backup")));
  }

  private static Overrides.LimitValues limits(MappingFields mappingFields) {
    return new Overrides.LimitValues(
        Amounts.bytes(mappingFields, "memory", 32L << 20, 1L << 40),
        Amounts.cpu(mappingFields, "cpu", 10, 256_000),
        mappingFields.integer("processes"),
        Amounts.bytes(mappingFields, "storage", 1L << 20, 100L << 40),
        Amounts.duration(mappingFields, "requestTimeout", SECOND, Duration.ofHours(1)),
        Amounts.duration(mappingFields, "idleTimeout", SECOND, Duration.ofHours(168)),
        Amounts.bytes(mappingFields, "requestBody", 1L << 10, 1L << 40),
        egress(mappingFields.fields("egress")));
  }

  private static Overrides.EgressValues egress(MappingFields mappingFields) {
    return new Overrides.EgressValues(
        mappingFields.integer("requestsPerSecond"),
        mappingFields.integer("connections"),
        Amounts.bytes(mappingFields, "bytesPerHour", 1L << 20, 1L << 50));
  }

  private static Overrides.BackupValues backup(MappingFields mappingFields) {
    MappingFields keep = mappingFields.fields("keep");
    return new Overrides.BackupValues(
        schedule(mappingFields),
        zone(mappingFields),
        keep.integer("last"),
        keep.integer("hourly"),
        keep.integer("daily"),
        keep.integer("weekly"),
        keep.integer("monthly"),
        keep.integer("yearly"));
  }

  private static Optional<String> schedule(MappingFields mappingFields) {
    Optional<String> text = mappingFields.text("schedule");
    if (text.isEmpty()) {
      return text;
    }
    return switch (Cron.parse(text.get())) {
      case Cron.Valid valid -> Optional.of(valid.cron().text());
      case Cron.Invalid invalid -> {
        mappingFields.problem(
            mappingFields.location("schedule"),
            Quoting.quote(text.get()) + " is not a schedule: " + invalid.message(),
            invalid.hint());
        yield Optional.empty();
      }
    };
  }

  private static Optional<ZoneId> zone(MappingFields mappingFields) {
    Optional<String> text = mappingFields.text("timeZone");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ZoneId.of(text.get()));
    } catch (DateTimeException e) {
      mappingFields.problem(
          mappingFields.location("timeZone"),
          Quoting.quote(text.get()) + " is not a time zone",
          SpellingSuggestion.nearest(text.get(), ZoneId.getAvailableZoneIds())
              .map(zone -> "did you mean " + zone + "?")
              .orElse("write a name from the IANA list, like Europe/Berlin"));
      return Optional.empty();
    }
  }
}
