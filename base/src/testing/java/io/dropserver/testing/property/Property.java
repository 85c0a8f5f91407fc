package io.dropserver.testing.property;

import java.util.Arrays;
import java.util.Random;

/**
 * Checks a property for generated values. Runs are reproducible: the seed is fixed, or {@code
 * -Dproperty.seed=NUMBER}; {@code -Dproperty.seed=random} draws a new one. A failure names seed,
 * try and values.
 */
public final class Property {
  private static final int LONGEST = 2_000;

  private Property() {}

  /** The check of one value. */
  @FunctionalInterface
  public interface Check1<A> {
    /** Throws if the property does not hold. */
    void check(A a) throws Exception;
  }

  /** The check of two values. */
  @FunctionalInterface
  public interface Check2<A, B> {
    /** Throws if the property does not hold. */
    void check(A a, B b) throws Exception;
  }

  /** The check of three values. */
  @FunctionalInterface
  public interface Check3<A, B, C> {
    /** Throws if the property does not hold. */
    void check(A a, B b, C c) throws Exception;
  }

  /** Checks {@code tries} values. */
  public static <A> void forAll(int tries, Generator<A> as, Check1<A> check) {
    long seed = seed();
    // The first numbers of generators with neighbouring seeds are alike, so each try draws its own.
    Random seeds = new Random(seed);
    for (int i = 0; i < tries; i++) {
      Random random = new Random(seeds.nextLong());
      A a = as.next(random);
      run(seed, i, () -> check.check(a), a);
    }
  }

  /** Checks {@code tries} pairs of values. */
  public static <A, B> void forAll(
      int tries, Generator<A> as, Generator<B> bs, Check2<A, B> check) {
    long seed = seed();
    Random seeds = new Random(seed);
    for (int i = 0; i < tries; i++) {
      Random random = new Random(seeds.nextLong());
      A a = as.next(random);
      B b = bs.next(random);
      run(seed, i, () -> check.check(a, b), a, b);
    }
  }

  /** Checks {@code tries} triples of values. */
  public static <A, B, C> void forAll(
      int tries, Generator<A> as, Generator<B> bs, Generator<C> cs, Check3<A, B, C> check) {
    long seed = seed();
    Random seeds = new Random(seed);
    for (int i = 0; i < tries; i++) {
      Random random = new Random(seeds.nextLong());
      A a = as.next(random);
      B b = bs.next(random);
      C c = cs.next(random);
      run(seed, i, () -> check.check(a, b, c), a, b, c);
    }
  }

  private interface Run {
    void run() throws Exception;
  }

  private static void run(long seed, int number, Run run, Object... values) {
    try {
      run.run();
    } catch (Exception | AssertionError e) {
      String shown = Arrays.deepToString(values);
      throw new AssertionError(
          "try %d of seed %d fails with %s: %s"
              .formatted(
                  number,
                  seed,
                  shown.substring(0, Math.min(LONGEST, shown.length())),
                  e.getMessage()),
          e);
    }
  }

  private static long seed() {
    String seed = System.getProperty("property.seed", "20261129");
    return seed.equals("random") ? new Random().nextLong() : Long.parseLong(seed);
  }
}
