package io.dropserver.web.tls;

import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when a failed order may be retried. Authorities limit failures (Let's Encrypt: five per
 * hour and host), so the state is stored in files and survives restarts. Not thread-safe.
 */
record AcmeRetries(Path folder) {
  private static final Logger LOG = LoggerFactory.getLogger(AcmeRetries.class);

  /**
   * The delay after the first failure; it doubles with each further one. Each attempt causes at
   * most two failures at the authority, one per challenge type.
   */
  private static final Duration FIRST_DELAY = Duration.ofMinutes(30);

  private static final Duration MAX_DELAY = Duration.ofHours(24);

  /** The longest delay that an authority may request. */
  private static final Duration MAX_REQUESTED_DELAY = Duration.ofDays(7);

  private static final String SUFFIX = ".retry";

  /** Returns the time that an authority named, or the latest one that is accepted. */
  static Instant bounded(Instant retryAfter, Instant now) {
    Instant latest = now.plus(MAX_REQUESTED_DELAY);
    return retryAfter.isBefore(latest) ? retryAfter : latest;
  }

  /**
   * Returns the end of a delay; {@link Instant#MIN} if it is further away than the end of any delay
   * that could be chosen now, because it was chosen before the date was set back.
   */
  static Instant ofThisDate(Instant end, Instant now) {
    return end.isAfter(now.plus(MAX_REQUESTED_DELAY)) ? Instant.MIN : end;
  }

  private record Retry(int failures, Instant notBefore) {}

  /**
   * Returns the earliest time of the next order; {@link Instant#MIN} when no failure is recorded.
   */
  Instant notBefore(String host) {
    return read(host).map(Retry::notBefore).orElse(Instant.MIN);
  }

  /**
   * Records a failure.
   *
   * @param retryAfter the earliest time that the authority accepts, if it named one
   * @return the earliest time of the next order
   */
  Instant failed(String host, Instant now, Optional<Instant> retryAfter) throws IOException {
    int failures = read(host).map(Retry::failures).orElse(0) + 1;
    Duration nominal = FIRST_DELAY.multipliedBy(1L << Math.min(failures - 1, 10));
    Instant own = now.plus(nominal.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : nominal);
    Instant next = retryAfter.filter(own::isBefore).orElse(own);
    AtomicFiles.write(
        folder.resolve(host + SUFFIX),
        (failures + " " + next + "\n").getBytes(StandardCharsets.US_ASCII));
    return next;
  }

  /** Forgets the failures of a host. */
  void reset(String host) throws IOException {
    Files.deleteIfExists(folder.resolve(host + SUFFIX));
  }

  /**
   * Deletes the files of hosts that are not declared any more, a day after their delay has passed.
   * A host that returns within that day keeps its failures, as does a host that is not published
   * yet after a restart.
   */
  void deletePast(Set<String> declared, Instant now) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        String host = name.substring(0, name.length() - SUFFIX.length());
        if (!declared.contains(host) && !notBefore(host).isAfter(now.minus(MAX_DELAY))) {
          Files.delete(file);
        }
      }
    }
  }

  private Optional<Retry> read(String host) {
    Path file = folder.resolve(host + SUFFIX);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      String[] parts = Files.readString(file, StandardCharsets.US_ASCII).strip().split(" ", 2);
      return Optional.of(new Retry(Integer.parseInt(parts[0]), Instant.parse(parts[1])));
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} cannot be read and is ignored: {}", file, e.toString());
      return Optional.empty();
    }
  }
}
