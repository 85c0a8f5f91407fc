package io.dropserver.web.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Slows guessing: after a few failures each next attempt must wait, twice as long each time. An
 * attempt counts as failed from its beginning, so that many at once gain nothing. Kept in memory:
 * whoever can restart the server need not guess. Thread-safe.
 */
final class Brake {
  /** Of different keys; the one that failed longest ago makes room. */
  static final int KEPT = 10_000;

  private static final Duration FIRST = Duration.ofSeconds(1);

  /** Without a failure for so long, all is forgotten. */
  private static final Duration FORGOTTEN = Duration.ofHours(1);

  private final InstantSource clock;
  private final int free;
  private final Duration longest;

  /** Guarded by this object's lock; the one that failed longest ago first. */
  private final Map<String, Failures> byKey = new LinkedHashMap<>(16, 0.75f, true);

  private record Failures(int count, Instant last) {}

  /**
   * @param free failures that cost nothing
   * @param longest wait between two attempts: an account's is short, since anybody may fail in
   *     another's name
   */
  Brake(InstantSource clock, int free, Duration longest) {
    this.clock = clock;
    this.free = free;
    this.longest = longest;
  }

  /**
   * Begins an attempt.
   *
   * @return how long to wait instead; empty when it may go on
   */
  synchronized Optional<Duration> attempt(String key) {
    Instant now = clock.instant();
    Failures before = byKey.getOrDefault(key, new Failures(0, Instant.EPOCH));
    if (now.isAfter(before.last().plus(FORGOTTEN))) {
      before = new Failures(0, now);
    }
    Instant next = before.last().plus(wait(before.count()));
    if (now.isBefore(next)) {
      return Optional.of(Duration.between(now, next));
    }
    byKey.put(key, new Failures(before.count() + 1, now));
    if (byKey.size() > KEPT) {
      byKey.remove(byKey.keySet().iterator().next());
    }
    return Optional.empty();
  }

  /** It did not fail: what was counted before is forgotten. */
  synchronized void succeeded(String key) {
    byKey.remove(key);
  }

  /** That attempt did not fail; those before it stay counted. */
  synchronized void forgive(String key) {
    byKey.computeIfPresent(
        key, (_, failures) -> new Failures(Math.max(0, failures.count() - 1), failures.last()));
  }

  private Duration wait(int failures) {
    if (failures < free) {
      return Duration.ZERO;
    }
    Duration wait = FIRST.multipliedBy(1L << Math.min(failures - free, 20));
    return wait.compareTo(longest) > 0 ? longest : wait;
  }
}
