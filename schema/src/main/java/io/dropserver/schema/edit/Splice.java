package io.dropserver.schema.edit;

import java.util.Comparator;
import java.util.List;

/** Replaces the text between two offsets. The range is usually empty. */
record Splice(int from, int to, String text) {
  static Splice insert(int at, String text) {
    return new Splice(at, at, text);
  }

  static String apply(String text, List<Splice> splices) {
    StringBuilder result = new StringBuilder(text);
    splices.stream()
        .sorted(Comparator.comparingInt(Splice::from).reversed())
        .forEach(splice -> result.replace(splice.from(), splice.to(), splice.text()));
    return result.toString();
  }
}
