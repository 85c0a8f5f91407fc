package io.dropserver.schema.document;

import io.dropserver.schema.document.Node.ScalarType;
import java.util.regex.Pattern;

/**
 * Resolves plain scalars by the YAML 1.2 core schema, section 10.3.2. SnakeYAML's own resolver
 * follows YAML 1.1, where {@code no} is false and {@code 12:30:45} is a number. Editors that
 * validate against the JSON Schemas do not read them that way.
 */
final class ScalarTypes {
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,18}");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\.[0-9]{1,40}|[0-9]{1,40}(\\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?");

  private ScalarTypes() {}

  static ScalarType ofPlain(String text) {
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> ScalarType.NULL;
      case "true", "True", "TRUE", "false", "False", "FALSE" -> ScalarType.BOOLEAN;
      default -> numberOrText(text);
    };
  }

  private static ScalarType numberOrText(String text) {
    char first = text.charAt(0);
    boolean mayBeNumber =
        (first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.';
    // No real number has more than 100 characters, and long ones are expensive to convert.
    if (!mayBeNumber || text.length() > 100) {
      return ScalarType.TEXT;
    }
    if (INTEGER.matcher(text).matches()) {
      return ScalarType.INTEGER;
    }
    return NUMBER.matcher(text).matches() ? ScalarType.NUMBER : ScalarType.TEXT;
  }
}
