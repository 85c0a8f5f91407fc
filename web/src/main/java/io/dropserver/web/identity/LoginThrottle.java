package io.dropserver.web.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Throttles guessing: after a few failures, attempts are delayed, with exponential backoff. An
 * attempt counts as failed from its start, so that parallel attempts have no advantage. The state
 * is in memory only, because an attacker who can restart the server does not need to guess.
 * Thread-safe.
 */
final class LoginThrottle {
  /** The maximum number of keys. Beyond it, the least recently used key is evicted. */
  static final int MAX_KEYS = 10_000;

  private static final Duration FIRST_DELAY = Duration.ofSeconds(1);

  /** A key's count of failures is reset after this time without a failure. */
  private static final Duration RESET_AFTER = Duration.ofHours(1);

  private final InstantSource clock;
  private final int freeFailures;
  private final Duration maxDelay;

  /** Failures by account, passkey or address. Guarded by this; least recently used first. */
  private final Map<String, Failures> byKey = new LinkedHashMap<>(16, 0.75f, true);

  private record Failures(int count, Instant last) {}

  /**
   * @param clock measures durations and follows no change of the date
   * @param free the number of failures without a delay
   * @param longest the maximum delay; it should be short for accounts, because an attacker can fail
   *     in another person's name
   */
  LoginThrottle(InstantSource clock, int free, Duration longest) {
    this.clock = clock;
    this.freeFailures = free;
    this.maxDelay = longest;
  }

  /**
   * Begins an attempt.
   *
   * @return how long to wait before trying again; empty when the attempt may proceed
   */
  synchronized Optional<Duration> attempt(String key) {
    Instant now = clock.instant();
    Failures before = byKey.getOrDefault(key, new Failures(0, Instant.EPOCH));
    if (now.isAfter(before.last().plus(RESET_AFTER))) {
      before = new Failures(0, now);
    }
    Instant next = before.last().plus(wait(before.count()));
    if (now.isBefore(next)) {
      return Optional.of(Duration.between(now, next));
    }
    byKey.put(key, new Failures(before.count() + 1, now));
    if (byKey.size() > MAX_KEYS) {
      byKey.remove(byKey.keySet().iterator().next());
    }
    return Optional.empty();
  }

  /** Records that the attempt succeeded and resets the count. */
  synchronized void succeeded(String key) {
    byKey.remove(key);
  }

  /** Removes the attempt from the count and keeps earlier failures. */
  synchronized void forgive(String key) {
    byKey.computeIfPresent(
        key, (_, failures) -> new Failures(Math.max(0, failures.count() - 1), failures.last()));
  }

  private Duration wait(int failures) {
    if (failures < freeFailures) {
      return Duration.ZERO;
    }
    Duration wait = FIRST_DELAY.multipliedBy(1L << Math.min(failures - freeFailures, 20));
    return wait.compareTo(maxDelay) > 0 ? maxDelay : wait;
  }
}
