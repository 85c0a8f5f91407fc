package io.dropserver.schema.document;

import io.dropserver.schema.instance.Durations;
import io.dropserver.schema.instance.Quantity;
import java.time.Duration;
import java.util.Optional;

/** Reads amount fields and checks their range. */
public final class Amounts {
  private Amounts() {}

  public static Optional<Long> bytes(MappingFields mappingFields, String key, long min, long max) {
    Optional<String> text = mappingFields.amount(key);
    Optional<Long> bytes = text.flatMap(Quantity::bytes);
    if (text.isPresent() && bytes.isEmpty()) {
      mappingFields.problem(
          mappingFields.location(key),
          Quoting.quote(text.get()) + " is not an amount of bytes",
          "write a number with a unit, like 256Mi");
    }
    if (bytes.isPresent() && (bytes.get() < min || bytes.get() > max)) {
      outOfRange(mappingFields, key, Quantity.formatBytes(min), Quantity.formatBytes(max));
    }
    return bytes;
  }

  public static Optional<Integer> cpu(
      MappingFields mappingFields, String key, int minMillis, int maxMillis) {
    Optional<String> text = mappingFields.amount(key);
    Optional<Integer> millis = text.flatMap(Quantity::cpuMillis);
    if (text.isPresent() && millis.isEmpty()) {
      mappingFields.problem(
          mappingFields.location(key),
          Quoting.quote(text.get()) + " is not an amount of processor time",
          "write thousandths of a core, like 500m, or cores, like 0.5");
    }
    if (millis.isPresent() && (millis.get() < minMillis || millis.get() > maxMillis)) {
      outOfRange(mappingFields, key, Quantity.formatCpu(minMillis), Quantity.formatCpu(maxMillis));
    }
    return millis;
  }

  public static Optional<Duration> duration(
      MappingFields mappingFields, String key, Duration min, Duration max) {
    Optional<String> text = mappingFields.text(key);
    Optional<Duration> duration = text.flatMap(Durations::parse);
    if (text.isPresent() && duration.isEmpty()) {
      mappingFields.problem(
          mappingFields.location(key),
          Quoting.quote(text.get()) + " is not a duration",
          "write a number with a unit, like 30s, 5m or 1h30m");
    }
    if (duration.isPresent()
        && (duration.get().compareTo(min) < 0 || duration.get().compareTo(max) > 0)) {
      outOfRange(mappingFields, key, Durations.format(min), Durations.format(max));
    }
    return duration;
  }

  private static void outOfRange(MappingFields mappingFields, String key, String min, String max) {
    mappingFields.problem(
        mappingFields.location(key),
        key
            + " is "
            + Quoting.quote(mappingFields.amount(key).orElse(""))
            + ", which is out of range",
        "from " + min + " to " + max);
  }
}
