package io.dropserver.bench;

import java.util.List;
import java.util.Locale;

/**
 * The samples of one side of a scenario.
 *
 * @param side {@code dropserver} or the peer's name
 * @param what the measured quantity, such as {@code 10000 appspaces, no-op sync}
 * @param unit the unit of all samples
 * @param samples at least one, in chronological order
 */
record Measurement(String side, String what, Unit unit, List<Double> samples) {

  enum Unit {
    MILLISECONDS("ms"),
    PER_SECOND("/s"),
    MEBIBYTES("MiB"),
    PIECES("");

    private final String text;

    Unit(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  Measurement {
    samples = List.copyOf(samples);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("no samples of " + side + ", " + what);
    }
  }

  double median() {
    double[] sorted = sorted();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  double minimum() {
    return sorted()[0];
  }

  double maximum() {
    return sorted()[samples.size() - 1];
  }

  /** Returns the median with minimum and maximum, such as {@code 31.2 ms (28.9–40.1)}. */
  String text() {
    String range =
        samples.size() == 1 ? "" : " (" + number(minimum()) + "–" + number(maximum()) + ")";
    return number(median()) + " " + unit.text() + range;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.1f", value);
  }

  private double[] sorted() {
    return samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }
}
