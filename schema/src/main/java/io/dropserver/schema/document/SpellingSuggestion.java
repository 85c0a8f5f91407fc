package io.dropserver.schema.document;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Suggests corrections for misspelt words. */
public final class SpellingSuggestion {
  private static final int MAX_LENGTH = 64;

  private SpellingSuggestion() {}

  /**
   * Returns a hint with the closest candidate, if it is close enough for {@code written} to be a
   * typing error.
   */
  public static Optional<String> nearest(String written, Collection<String> candidates) {
    if (written.isEmpty() || written.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    String word = fold(written);
    return candidates.stream()
        .filter(c -> c.length() <= MAX_LENGTH)
        .map(c -> new Scored(c, distance(word, fold(c))))
        .filter(s -> s.distance() <= allowed(word))
        .min(Comparator.comparingInt(Scored::distance).thenComparing(Scored::word))
        .map(nearest -> "did you mean " + nearest.word() + "?");
  }

  /**
   * Returns a hint: the closest candidate, or the list of all candidates if there are only a few.
   */
  public static Optional<String> hint(String written, Collection<String> candidates) {
    Optional<String> near = nearest(written, candidates);
    if (near.isPresent() || candidates.isEmpty() || candidates.size() > 20) {
      return near;
    }
    String all = String.join(", ", candidates);
    return Optional.of("available: " + all);
  }

  private record Scored(String word, int distance) {}

  private static int allowed(String word) {
    return Math.max(1, word.length() / 3);
  }

  private static String fold(String word) {
    return word.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
  }

  /**
   * Returns the Levenshtein distance, where a swap of two adjacent characters counts as one edit.
   */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : step(a, b, i, j, cost);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int step(String a, String b, int i, int j, int[][] cost) {
    int replace = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int best =
        Math.min(cost[i - 1][j - 1] + replace, Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
  }
}
