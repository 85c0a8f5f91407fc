package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpenLeasesTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration LONG = Duration.ofHours(1);

  private final SettableClock clock = new SettableClock();
  private final OpenLeases leases = new OpenLeases(clock);

  @Test
  void theIdleTimeBeginsWithTheEndOfTheLastLease() {
    long first = leases.open();
    long second = leases.open();
    clock.advance(MINUTE);
    leases.close(first);
    assertThat(leases.idleSince()).isEmpty();
    assertThat(leases.isUnusedFor(Duration.ZERO)).isFalse();
    clock.advance(MINUTE);
    Instant end = clock.instant();
    leases.close(second);
    clock.advance(MINUTE);
    assertThat(leases.idleSince()).contains(end);
    assertThat(leases.isUnusedFor(MINUTE)).isTrue();
    assertThat(leases.isUnusedFor(MINUTE.plusMillis(1))).isFalse();
  }

  @Test
  void aLeaseIsClosedOnlyOnce() {
    long first = leases.open();
    leases.close(first);
    Instant end = clock.instant();
    clock.advance(MINUTE);
    leases.close(first);
    leases.yieldPlaceAfter(first, Duration.ZERO);
    assertThat(leases.lastUse()).isEqualTo(end);
    assertThat(leases.isYielding()).isFalse();
    leases.open();
    leases.close(first);
    assertThat(leases.idleSince()).as("the second lease is open").isEmpty();
  }

  @Test
  void aLeaseThatYieldsItsPlaceIsOpenButKeepsNothingAwake() throws Exception {
    long job = leases.open();
    leases.yieldPlaceAfter(job, MINUTE);
    assertThat(leases.isYielding()).isFalse();
    clock.advance(MINUTE.minusMillis(1));
    assertThat(leases.isUnusedFor(Duration.ZERO)).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(leases.isYielding()).isTrue();
    assertThat(leases.isUnusedFor(Duration.ZERO)).isTrue();
    assertThat(leases.isUnusedFor(Duration.ofMillis(1))).as("it was in use until now").isFalse();
    Waiting drain = Waiting.in(() -> leases.awaitClosed(LONG));
    drain.requireWaiting();
    clock.advance(MINUTE);
    leases.close(job);
    drain.requireEnd();
    assertThat(leases.isYielding()).isFalse();
    assertThat(leases.lastUse()).isEqualTo(clock.instant());
  }

  /** Otherwise a visitor who opens a stream each minute would keep the place without end. */
  @Test
  void leasesThatOverlapKeepThePlaceNoLongerThanOne() {
    long first = leases.open();
    leases.yieldPlaceAfter(first, MINUTE);
    clock.advance(MINUTE.minusSeconds(5));
    long second = leases.open();
    leases.yieldPlaceAfter(second, MINUTE);
    leases.close(first);
    assertThat(leases.isUnusedFor(Duration.ZERO)).isFalse();
    clock.advance(Duration.ofSeconds(5));
    assertThat(leases.isUnusedFor(Duration.ZERO)).isTrue();
    long member = leases.open();
    assertThat(leases.isUnusedFor(Duration.ZERO)).isFalse();
    leases.close(member);
    leases.close(second);
    leases.yieldPlaceAfter(leases.open(), MINUTE);
    assertThat(leases.isUnusedFor(Duration.ZERO)).as("after a pause").isFalse();
  }

  @Test
  void aDrainEndsWithTheLastLeaseOrTheTimeout() throws Exception {
    long first = leases.open();
    long second = leases.open();
    leases.awaitClosed(Duration.ZERO);
    leases.awaitClosed(Duration.ofMillis(1));
    Waiting drain = Waiting.in(() -> leases.awaitClosed(LONG));
    leases.close(first);
    drain.requireWaiting();
    leases.close(second);
    drain.requireEnd();
    leases.awaitClosed(LONG);
  }

  @Test
  void aWakeUpCountsAsUse() {
    clock.advance(MINUTE);
    leases.touch();
    assertThat(leases.isUnusedFor(Duration.ofMillis(1))).isFalse();
  }
}
