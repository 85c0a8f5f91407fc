package io.dropserver.reconciler.source;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The header of RFC 9110, section 10.2.3, in its form of seconds. */
final class RetryAfter {
  /** A server that asks for more is polled again after this, so that a typo cannot silence us. */
  private static final Duration LONGEST = Duration.ofHours(1);

  private RetryAfter() {}

  static Optional<Duration> parse(@Nullable String header) {
    if (header == null || !header.strip().matches("\\d{1,9}")) {
      return Optional.empty();
    }
    Duration asked = Duration.ofSeconds(Long.parseLong(header.strip()));
    return Optional.of(asked.compareTo(LONGEST) > 0 ? LONGEST : asked);
  }
}
