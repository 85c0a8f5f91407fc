package io.dropserver.reconciler.source;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parses the header {@code Retry-After} (RFC 9110, section 10.2.3) in its form in seconds. */
final class RetryAfter {
  /** Maximum delay, so that a faulty server cannot stop polling for long. */
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
