package io.dropserver.schema.read;

import io.dropserver.schema.document.Amounts;
import io.dropserver.schema.document.DidYouMean;
import io.dropserver.schema.document.Fields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Cron;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/** Reads limits, backup policies and their parts. */
final class AmountFields {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private AmountFields() {}

  static Overrides overrides(Fields fields) {
    return new Overrides(limits(fields.fields("limits")), backup(fields.fields("backup")));
  }

  private static Overrides.LimitValues limits(Fields fields) {
    return new Overrides.LimitValues(
        Amounts.bytes(fields, "memory", 32L << 20, 1L << 40),
        Amounts.cpu(fields, "cpu", 10, 256_000),
        fields.integer("processes"),
        Amounts.bytes(fields, "storage", 1L << 20, 100L << 40),
        Amounts.duration(fields, "requestTimeout", SECOND, Duration.ofHours(1)),
        Amounts.duration(fields, "idleTimeout", SECOND, Duration.ofHours(168)),
        Amounts.bytes(fields, "requestBody", 1L << 10, 1L << 40),
        egress(fields.fields("egress")));
  }

  private static Overrides.EgressValues egress(Fields fields) {
    return new Overrides.EgressValues(
        fields.integer("requestsPerSecond"),
        fields.integer("connections"),
        Amounts.bytes(fields, "bytesPerHour", 1L << 20, 1L << 50));
  }

  private static Overrides.BackupValues backup(Fields fields) {
    Fields keep = fields.fields("keep");
    return new Overrides.BackupValues(
        schedule(fields),
        zone(fields),
        keep.integer("last"),
        keep.integer("hourly"),
        keep.integer("daily"),
        keep.integer("weekly"),
        keep.integer("monthly"),
        keep.integer("yearly"));
  }

  private static Optional<String> schedule(Fields fields) {
    Optional<String> text = fields.text("schedule");
    if (text.isEmpty()) {
      return text;
    }
    return switch (Cron.parse(text.get())) {
      case Cron.Valid valid -> Optional.of(valid.cron().text());
      case Cron.Invalid invalid -> {
        fields.problem(
            fields.location("schedule"),
            Quoting.quote(text.get()) + " is no schedule: " + invalid.message(),
            invalid.hint());
        yield Optional.empty();
      }
    };
  }

  private static Optional<ZoneId> zone(Fields fields) {
    Optional<String> text = fields.text("timeZone");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ZoneId.of(text.get()));
    } catch (DateTimeException e) {
      fields.problem(
          fields.location("timeZone"),
          Quoting.quote(text.get()) + " is no time zone",
          DidYouMean.nearest(text.get(), ZoneId.getAvailableZoneIds())
              .map(zone -> "did you mean " + zone + "?")
              .orElse("write a name of the IANA list, like Europe/Berlin"));
      return Optional.empty();
    }
  }
}
