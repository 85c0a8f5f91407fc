package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.source.RetryAfter;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Determines how long to pause after a forge's response, from {@code Retry-After} (RFC 9110),
 * GitHub's {@code X-RateLimit-*} and GitLab's {@code RateLimit-*}.
 */
final class RateLimit {
  private static final Duration DEFAULT_WAIT = Duration.ofMinutes(1);

  private RateLimit() {}

  /** Returns the pause; empty if the response does not report a limit. */
  static Optional<Duration> of(HttpResponse<String> response, Instant now) {
    Optional<Duration> requested =
        header(response, "retry-after").flatMap(text -> RetryAfter.parse(text, now));
    int status = response.statusCode();
    boolean spent =
        header(response, "x-ratelimit-remaining")
            .or(() -> header(response, "ratelimit-remaining"))
            .filter("0"::equals)
            .isPresent();
    // GitHub's secondary limits may be reported without either header.
    boolean named = response.body().toLowerCase(Locale.ROOT).contains("rate limit");
    boolean limited =
        status == 429
            || (status == 503 && requested.isPresent())
            || (status == 403 && (spent || named || requested.isPresent()));
    if (!limited) {
      return Optional.empty();
    }
    Optional<Duration> reset =
        header(response, "x-ratelimit-reset")
            .or(() -> header(response, "ratelimit-reset"))
            .filter(text -> spent && text.matches("[0-9]{1,12}"))
            .map(text -> RetryAfter.until(Instant.ofEpochSecond(Long.parseLong(text)), now));
    return Optional.of(requested.or(() -> reset).orElse(DEFAULT_WAIT));
  }

  private static Optional<String> header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).map(String::strip);
  }
}
