package io.dropserver.reconciler.source;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The header {@code Retry-After} of RFC 9110, section 10.2.3, in seconds. */
final class RetryAfter {
  /** Upper limit of the delay, so that a mistake of the server cannot stop polling for long. */
  private static final Duration LONGEST = Duration.ofHours(1);

  private RetryAfter() {}

  static Optional<Duration> parse(@Nullable String header) {
    if (header == null || !header.strip().matches("\\d{1,9}")) {
      return Optional.empty();
    }
    Duration requested = Duration.ofSeconds(Long.parseLong(header.strip()));
    return Optional.of(requested.compareTo(LONGEST) > 0 ? LONGEST : requested);
  }
}
