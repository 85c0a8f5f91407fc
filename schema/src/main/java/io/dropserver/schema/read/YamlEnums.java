package io.dropserver.schema.read;

import java.util.Locale;
import java.util.Optional;

/** Maps YAML words ({@code delete-after-backup}) to Java constants. */
final class YamlEnums {
  private YamlEnums() {}

  /**
   * Returns the constant for the word, or the fallback for a word that the schema check has
   * rejected.
   */
  static <E extends Enum<E>> E of(Optional<String> word, Class<E> type, E fallback) {
    if (word.isEmpty()) {
      return fallback;
    }
    for (E constant : type.getEnumConstants()) {
      if (word(constant).equals(word.get())) {
        return constant;
      }
    }
    return fallback;
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
