package io.dropserver.testing.property;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Produces values for property tests. Equal random sequences give equal values.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface Generator<T> {
  /** Returns the next value. */
  T next(Random random);

  /** Returns a generator of {@code function}'s results. */
  default <R> Generator<R> map(Function<T, R> function) {
    return random -> function.apply(next(random));
  }

  /** Returns a generator that chooses another generator by each value. */
  default <R> Generator<R> flatMap(Function<T, Generator<R>> function) {
    return random -> function.apply(next(random)).next(random);
  }

  /** Returns a generator of the values that {@code predicate} accepts. */
  default Generator<T> filter(Predicate<T> predicate) {
    return random -> {
      for (int attempt = 0; attempt < 10_000; attempt++) {
        T value = next(random);
        if (predicate.test(value)) {
          return value;
        }
      }
      throw new IllegalStateException("the filter refused 10,000 values in a row");
    };
  }

  /** Returns a generator of lists of {@code min} to {@code max} values. */
  default Generator<List<T>> list(int min, int max) {
    return random -> {
      int size = random.nextInt(min, max + 1);
      List<T> values = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        values.add(next(random));
      }
      return values;
    };
  }

  /** Returns a generator that is empty in one of four cases. */
  default Generator<Optional<T>> optional() {
    return random -> random.nextInt(4) == 0 ? Optional.empty() : Optional.of(next(random));
  }

  /** Returns a generator that chooses among {@code values}. */
  @SafeVarargs
  static <T> Generator<T> of(T... values) {
    return random -> values[random.nextInt(values.length)];
  }

  /** Returns a generator that chooses among {@code values}. */
  static <T> Generator<T> of(List<T> values) {
    return random -> values.get(random.nextInt(values.size()));
  }

  /** Returns a generator that chooses among {@code generators} for each value. */
  @SafeVarargs
  static <T> Generator<T> oneOf(Generator<T>... generators) {
    return random -> generators[random.nextInt(generators.length)].next(random);
  }

  /** Returns a generator of {@code min} to {@code max}; one value in eight is a bound. */
  static Generator<Long> longs(long min, long max) {
    return random ->
        switch (random.nextInt(16)) {
          case 0 -> min;
          case 1 -> max;
          default ->
              max == Long.MAX_VALUE ? random.nextLong(min, max) : random.nextLong(min, max + 1);
        };
  }

  /** Returns a generator of {@code min} to {@code max}; one value in eight is a bound. */
  static Generator<Integer> integers(int min, int max) {
    return longs(min, max).map(Long::intValue);
  }

  /** Returns a generator of at most {@code max} bytes. */
  static Generator<byte[]> bytes(int max) {
    return random -> {
      byte[] bytes = new byte[random.nextInt(max + 1)];
      random.nextBytes(bytes);
      return bytes;
    };
  }

  /** Returns a generator of strings of {@code min} to {@code max} of the characters. */
  static Generator<String> strings(String characters, int min, int max) {
    return random ->
        random
            .ints(random.nextInt(min, max + 1), 0, characters.length())
            .mapToObj(at -> "" + characters.charAt(at))
            .collect(java.util.stream.Collectors.joining());
  }

  /**
   * Returns a generator of strings of at most {@code max} UTF-16 units: ASCII, control characters,
   * every other plane, and unpaired surrogates.
   */
  static Generator<String> text(int max) {
    return random ->
        random
            .ints(random.nextInt(max + 1), 0, 8)
            .map(
                kind ->
                    switch (kind) {
                      case 0 -> random.nextInt(0x20);
                      case 1 -> random.nextInt(0x7f, 0x250);
                      case 2 -> random.nextInt(0x2000, 0x2070);
                      case 3 -> random.nextInt(0xd800, 0xe000);
                      case 4 -> random.nextInt(0x10000);
                      default -> random.nextInt(0x20, 0x7f);
                    })
            .collect(
                StringBuilder::new, (text, unit) -> text.append((char) unit), StringBuilder::append)
            .toString();
  }

  /** Returns all characters from {@code first} to {@code last}. */
  static String range(char first, char last) {
    return IntStream.rangeClosed(first, last)
        .collect(
            StringBuilder::new, (text, unit) -> text.append((char) unit), StringBuilder::append)
        .toString();
  }
}
