package io.dropserver.web.tls;

import io.dropserver.web.dns.ChallengeRecords;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes the TXT records of earlier orders. Confined to the ordering thread. */
final class RecordRemovals {
  private static final Logger LOG = LoggerFactory.getLogger(RecordRemovals.class);

  private final Optional<ChallengeRecords> records;
  private final Duration delay;
  private final InstantSource clock;
  private Instant notBefore = Instant.MIN;

  /**
   * @param records empty without DNS-01
   * @param delay after a failure; a program that hangs must not delay the orders of hosts that need
   *     no record
   */
  RecordRemovals(Optional<ChallengeRecords> records, Duration delay, InstantSource clock) {
    this.records = records;
    this.delay = delay;
    this.clock = clock;
  }

  /** Removes all records, also after a failure. */
  void runNow() throws InterruptedException, IOException {
    notBefore = Instant.MIN;
    run();
  }

  /** Removes all records, except before the delay after a failure has passed. */
  void run() throws InterruptedException, IOException {
    Instant now = clock.instant();
    if (records.isEmpty() || now.isBefore(AcmeRetries.ofThisDate(notBefore, now))) {
      return;
    }
    Optional<String> failure = records.get().removeAll();
    if (failure.isPresent()) {
      notBefore = clock.instant().plus(delay);
      LOG.warn("{}; it is tried again later", failure.get());
    }
  }
}
