package io.dropserver.schema.read;

import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Matches patterns in which a part stands for any run of elements. Backtracking only to the latest
 * such part is sufficient, so the cost is at most the product of both lengths. A regular expression
 * with many stars could take exponential time.
 */
final class Wildcards {
  private Wildcards() {}

  static <P, E> boolean match(
      List<P> pattern, List<E> text, Predicate<P> anyRun, BiPredicate<P, E> one) {
    int at = 0;
    int next = 0;
    int run = -1;
    int runEnd = 0;
    while (at < text.size()) {
      if (next < pattern.size() && anyRun.test(pattern.get(next))) {
        run = next++;
        runEnd = at;
      } else if (next < pattern.size() && one.test(pattern.get(next), text.get(at))) {
        next++;
        at++;
      } else if (run >= 0) {
        next = run + 1;
        at = ++runEnd;
      } else {
        return false;
      }
    }
    return pattern.subList(next, pattern.size()).stream().allMatch(anyRun);
  }
}
