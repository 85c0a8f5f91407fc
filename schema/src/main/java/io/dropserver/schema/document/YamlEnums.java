package io.dropserver.schema.document;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Maps YAML words ({@code delete-after-backup}) to Java constants. */
public final class YamlEnums {
  private YamlEnums() {}

  /** Returns the constant for the word, or empty for a word that the schema check has rejected. */
  public static <E extends Enum<E>> Optional<E> find(String word, Class<E> type) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> word(constant).equals(word))
        .findFirst();
  }

  /** Returns the constant for the word, or the fallback if there is no word or no constant. */
  public static <E extends Enum<E>> E of(Optional<String> word, Class<E> type, E fallback) {
    return word.flatMap(text -> find(text, type)).orElse(fallback);
  }

  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
