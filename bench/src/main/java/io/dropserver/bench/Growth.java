package io.dropserver.bench;

import java.util.Locale;

/** How cost grows with the amount of work: the exponent between two sizes. */
final class Growth {
  private Growth() {}

  /** 0 is flat, 1 is linear. */
  static double exponent(double smallSize, double smallCost, double largeSize, double largeCost) {
    return Math.log(largeCost / smallCost) / Math.log(largeSize / smallSize);
  }

  static String text(double exponent) {
    return String.format(Locale.ROOT, "grows with the power %.2f of the number", exponent);
  }
}
