package io.dropserver.schema.document;

import io.dropserver.schema.instance.Durations;
import io.dropserver.schema.instance.Quantity;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * A type of amount, such as a duration. Reads amounts from fields and checks their range.
 *
 * @param parser returns empty if the text is not such an amount
 * @param formatter formats an amount so that the parser can read it
 */
public record AmountType<T extends Comparable<T>>(
    String noun, String hint, Function<String, Optional<T>> parser, Function<T, String> formatter) {
  public static final AmountType<Long> BYTES =
      new AmountType<>(
          "an amount of bytes",
          "write a number with a unit, like 256Mi",
          Quantity::bytes,
          Quantity::formatBytes);

  /** Processor time in thousandths of a core. */
  public static final AmountType<Integer> CPU =
      new AmountType<>(
          "an amount of processor time",
          "write thousandths of a core, like 500m, or cores, like 0.5",
          Quantity::cpuMillis,
          Quantity::formatCpu);

  public static final AmountType<Duration> DURATION =
      new AmountType<>(
          "a duration",
          "write a number with a unit, like 30s, 5m or 1h30m",
          Durations::parse,
          Durations::format);

  /** Returns the value of the field, or empty if it is absent or is not such an amount. */
  public Optional<T> read(MappingFields mappingFields, String key, T min, T max) {
    Optional<String> text = mappingFields.amount(key);
    Optional<T> value = text.flatMap(parser);
    if (text.isPresent() && value.isEmpty()) {
      mappingFields.problem(key, Quoting.quote(text.get()) + " is not " + noun, hint);
    }
    if (value.isPresent() && (value.get().compareTo(min) < 0 || value.get().compareTo(max) > 0)) {
      mappingFields.problem(
          key,
          key + " is " + Quoting.quote(text.orElse("")) + ", which is out of range",
          "from " + formatter.apply(min) + " to " + formatter.apply(max));
    }
    return value;
  }
}
