package io.dropserver.schema.instance;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts in Kubernetes notation: {@code 256Mi}, {@code 1.5G}, {@code 500m} of a core. */
public final class Quantity {
  private static final Pattern BYTES =
      Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,18})?)(|Ki|Mi|Gi|Ti|k|M|G|T)");
  private static final Pattern CPU = Pattern.compile("([0-9]{1,10}(?:\\.[0-9]{1,9})?)(m?)");

  private Quantity() {}

  /**
   * Returns bytes, rounded up, or empty if the text is not an amount of bytes or exceeds a long.
   */
  public static Optional<Long> bytes(String text) {
    Matcher matcher = BYTES.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long factor =
        switch (matcher.group(2)) {
          case "Ki" -> 1L << 10;
          case "Mi" -> 1L << 20;
          case "Gi" -> 1L << 30;
          case "Ti" -> 1L << 40;
          case "k" -> 1_000L;
          case "M" -> 1_000_000L;
          case "G" -> 1_000_000_000L;
          case "T" -> 1_000_000_000_000L;
          default -> 1L;
        };
    BigDecimal value = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor));
    BigDecimal whole = value.setScale(0, RoundingMode.CEILING);
    return whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? Optional.empty()
        : Optional.of(whole.longValueExact());
  }

  /** Returns thousandths of a core, rounded up, or empty if the text is not an amount of CPU. */
  public static Optional<Integer> cpuMillis(String text) {
    Matcher matcher = CPU.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    BigDecimal value = new BigDecimal(matcher.group(1));
    BigDecimal millis = "m".equals(matcher.group(2)) ? value : value.movePointRight(3);
    BigDecimal whole = millis.setScale(0, RoundingMode.CEILING);
    return whole.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0
        ? Optional.empty()
        : Optional.of(whole.intValueExact());
  }

  /** Returns the shortest text for which {@link #bytes} returns the same number. */
  public static String formatBytes(long bytes) {
    String[] units = {"Ti", "Gi", "Mi", "Ki"};
    for (int i = 0; i < units.length; i++) {
      int shift = 40 - 10 * i;
      if (bytes != 0 && bytes % (1L << shift) == 0) {
        return (bytes >> shift) + units[i];
      }
    }
    return Long.toString(bytes);
  }

  /** Returns a text for which {@link #cpuMillis} returns the same number. */
  public static String formatCpu(int millis) {
    return millis != 0 && millis % 1000 == 0 ? Integer.toString(millis / 1000) : millis + "m";
  }
}
