package io.dropserver.schema.document;

import io.dropserver.schema.instance.Durations;
import io.dropserver.schema.instance.Quantity;
import java.time.Duration;
import java.util.Optional;

/** Reads amount fields and checks their range. */
public final class Amounts {
  private Amounts() {}

  public static Optional<Long> bytes(Fields fields, String key, long min, long max) {
    Optional<String> text = fields.amount(key);
    Optional<Long> bytes = text.flatMap(Quantity::bytes);
    if (text.isPresent() && bytes.isEmpty()) {
      fields.problem(
          fields.location(key),
          Quoting.quote(text.get()) + " is no amount of bytes",
          "write a number with a unit, like 256Mi");
    }
    if (bytes.isPresent() && (bytes.get() < min || bytes.get() > max)) {
      outOfRange(fields, key, Quantity.formatBytes(min), Quantity.formatBytes(max));
    }
    return bytes;
  }

  public static Optional<Integer> cpu(Fields fields, String key, int minMillis, int maxMillis) {
    Optional<String> text = fields.amount(key);
    Optional<Integer> millis = text.flatMap(Quantity::cpuMillis);
    if (text.isPresent() && millis.isEmpty()) {
      fields.problem(
          fields.location(key),
          Quoting.quote(text.get()) + " is no amount of processor time",
          "write thousandths of a core, like 500m, or cores, like 0.5");
    }
    if (millis.isPresent() && (millis.get() < minMillis || millis.get() > maxMillis)) {
      outOfRange(fields, key, Quantity.formatCpu(minMillis), Quantity.formatCpu(maxMillis));
    }
    return millis;
  }

  public static Optional<Duration> duration(Fields fields, String key, Duration min, Duration max) {
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
}
