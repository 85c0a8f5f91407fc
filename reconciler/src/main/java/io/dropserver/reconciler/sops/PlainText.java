package io.dropserver.reconciler.sops;

import io.dropserver.schema.document.Node.Scalar;
import java.math.BigDecimal;
import java.util.Locale;

/** Renders values that are not encrypted, as the MAC of a SOPS file includes them. */
final class PlainText {
  private PlainText() {}

  /**
   * Returns the text of a value, and an empty text for null. SOPS writes other spellings of
   * numbers, such as {@code 0x1F}, in their normal form; a file that still has one is refused,
   * because its MAC differs.
   */
  static String of(Scalar scalar) {
    String text = scalar.text();
    return switch (scalar.type()) {
      case NULL -> "";
      case BOOLEAN -> text.toLowerCase(Locale.ROOT).equals("true") ? "True" : "False";
      case INTEGER -> new BigDecimal(text).toPlainString();
      case NUMBER -> number(Double.parseDouble(text));
      case TEXT -> text;
    };
  }

  /** Returns a number as sops writes it. A text such as 1e999 is infinite as a double. */
  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
