package io.dropserver.schema.read;

import io.dropserver.schema.document.Fields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Cron;
import io.dropserver.schema.instance.Durations;
import io.dropserver.schema.instance.Quantity;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/** Limits, backup policies and their parts. */
final class AmountFields {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private AmountFields() {}

  static Overrides overrides(Fields fields) {
    return new Overrides(limits(fields.fields("limits")), backup(fields.fields("backup")));
  }

  private static Overrides.LimitValues limits(Fields fields) {
    return new Overrides.LimitValues(
        bytes(fields, "memory", 32L << 20, 1L << 40),
        cpu(fields),
        fields.integer("processes"),
        bytes(fields, "storage", 1L << 20, 100L << 40),
        duration(fields, "requestTimeout", SECOND, Duration.ofHours(1)),
        duration(fields, "idleTimeout", SECOND, Duration.ofHours(168)));
  }

  static Optional<Long> bytes(Fields fields, String key, long min, long max) {
    Optional<String> text = fields.amount(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Long> bytes = Quantity.bytes(text.get());
    if (bytes.isEmpty()) {
      fields.problem(
          fields.location(key),
          Quoting.quote(text.get()) + " is no amount of bytes",
          text.get().endsWith("m")
              ? "m means thousandths; did you mean " + text.get() + "i in capitals, like 256Mi?"
              : "write a number with a unit, like 256Mi");
      return Optional.empty();
    }
    if (bytes.get() < min || bytes.get() > max) {
      outOfRange(fields, key, Quantity.formatBytes(min), Quantity.formatBytes(max));
    }
    return bytes;
  }

  private static Optional<Integer> cpu(Fields fields) {
    Optional<String> text = fields.amount("cpu");
    Optional<Integer> millis = text.flatMap(Quantity::cpuMillis);
    if (text.isPresent() && millis.isEmpty()) {
      fields.problem(
          fields.location("cpu"),
          Quoting.quote(text.get()) + " is no amount of processor time",
          "write thousandths of a core, like 500m, or cores, like 0.5");
    }
    if (millis.isPresent() && (millis.get() < 10 || millis.get() > 256_000)) {
      outOfRange(fields, "cpu", "10m", "256");
    }
    return millis;
  }

  static Optional<Duration> duration(Fields fields, String key, Duration min, Duration max) {
    Optional<String> text = fields.text(key);
    Optional<Duration> duration = text.flatMap(Durations::parse);
    if (text.isPresent() && duration.isEmpty()) {
      fields.problem(
          fields.location(key),
          Quoting.quote(text.get()) + " is no duration",
          "write a number with a unit, like 30s, 5m or 1h30m");
    }
    if (duration.isPresent()
        && (duration.get().compareTo(min) < 0 || duration.get().compareTo(max) > 0)) {
      outOfRange(fields, key, Durations.format(min), Durations.format(max));
    }
    return duration;
  }

  private static void outOfRange(Fields fields, String key, String min, String max) {
    fields.problem(
        fields.location(key),
        key + " is " + Quoting.quote(fields.amount(key).orElse("")) + ", out of range",
        "from " + min + " to " + max);
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
          io.dropserver.schema.document.DidYouMean.nearest(text.get(), ZoneId.getAvailableZoneIds())
              .map(zone -> "did you mean " + zone + "?")
              .orElse("write a name of the IANA list, like Europe/Berlin"));
      return Optional.empty();
    }
  }
}
