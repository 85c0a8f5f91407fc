package io.dropserver.bench;

import java.util.Locale;

/** Computes how cost grows with the amount of work, as the exponent between two sizes. */
final class Growth {
  private Growth() {}

  /**
   * Returns the exponent of the growth between two sizes: 0 for constant cost, 1 for linear growth.
   */
  static double exponent(double smallSize, double smallCost, double largeSize, double largeCost) {
    return Math.log(largeCost / smallCost) / Math.log(largeSize / smallSize);
  }

  static String text(double exponent) {
    return String.format(Locale.ROOT, "grows with the power %.2f of the number", exponent);
  }
}
