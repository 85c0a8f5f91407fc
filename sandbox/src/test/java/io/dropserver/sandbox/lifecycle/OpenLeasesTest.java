package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.LeaseCaller.Kind;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpenLeasesTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration LONG = Duration.ofHours(1);
  private static final LeaseCaller STRANGER = LeaseCaller.visitor("192.0.2.1");

  private final SettableClock clock = new SettableClock();
  private final VisitorTime visitorTime = new VisitorTime();
  private final AtomicInteger closes = new AtomicInteger();
  private final OpenLeases leases =
      new OpenLeases("a", clock, visitorTime, closes::incrementAndGet);

  @Test
  void theIdleTimeBeginsWithTheEndOfTheLastLease() {
    long first = leases.open(LeaseCaller.member("ada"));
    long second = leases.open(STRANGER);
    clock.advance(MINUTE);
    leases.close(first);
    assertThat(leases.isUnusedFor(Duration.ZERO)).isFalse();
    clock.advance(MINUTE);
    leases.close(second);
    clock.advance(MINUTE);
    assertThat(leases.isUnusedFor(MINUTE)).isTrue();
    assertThat(leases.isUnusedFor(MINUTE.plusMillis(1))).isFalse();
  }

  @Test
  void aLeaseIsClosedOnlyOnce() {
    long first = leases.open(LeaseCaller.member("ada"));
    leases.close(first);
    Instant end = clock.instant();
    clock.advance(MINUTE);
    leases.close(first);
    assertThat(leases.lastUse()).isEqualTo(end);
    assertThat(closes).hasValue(1);
    leases.open(LeaseCaller.member("ada"));
    leases.close(first);
    assertThat(leases.isUsed()).isTrue();
  }

  @Test
  void aMemberKeepsThePlaceAMinuteFromMembersAndTenFromVisitors() {
    clock.advance(LONG);
    leases.open(LeaseCaller.member("ada"));
    Instant asked = clock.instant();
    clock.advance(MINUTE.minusMillis(1));
    assertThat(leases.isKept(Kind.MEMBER, asked)).isTrue();
    clock.advance(Duration.ofMillis(1));
    assertThat(leases.isKept(Kind.MEMBER, asked)).isFalse();
    assertThat(leases.isKept(Kind.MAINTENANCE, asked)).isFalse();
    assertThat(leases.isKept(Kind.VISITOR, asked)).isTrue();
    clock.advance(MINUTE.multipliedBy(9));
    assertThat(leases.isKept(Kind.VISITOR, asked)).isFalse();
  }

  /** Otherwise requests that follow each other would keep a place without end. */
  @Test
  void aLeaseThatIsOpenedWhileOthersWaitDoesNotProlongTheTimeOfThePlace() {
    clock.advance(LONG);
    long first = leases.open(LeaseCaller.member("ada"));
    Instant asked = clock.instant();
    clock.advance(SECOND);
    leases.open(LeaseCaller.member("ada"));
    assertThat(leases.isKept(Kind.MEMBER, asked)).isTrue();
    leases.close(first);
    assertThat(leases.isKept(Kind.MEMBER, asked)).isFalse();
    leases.wokeUp();
    assertThat(leases.isKept(Kind.MEMBER, asked)).as("in its new time").isTrue();
  }

  @Test
  void aPauseDoesNotRenewTheAllowanceOfAVisitor() {
    long stream = leases.open(STRANGER);
    clock.advance(PlaceTimes.VISITOR.minusMillis(1));
    assertThat(leases.isKept(Kind.VISITOR, clock.instant())).isTrue();
    clock.advance(Duration.ofMillis(1));
    leases.close(stream);
    clock.advance(Duration.ofMillis(5));
    leases.open(STRANGER);
    clock.advance(SECOND);
    assertThat(leases.isKept(Kind.VISITOR, clock.instant())).isFalse();
    assertThat(leases.isKept(Kind.MEMBER, clock.instant())).isFalse();
  }

  @Test
  void manyClientsShareTheAllowanceOfThePlaceAndManyPlacesThatOfTheClient() {
    OpenLeases elsewhere = new OpenLeases("b", clock, visitorTime, () -> {});
    leases.open(STRANGER);
    clock.advance(PlaceTimes.VISITOR);
    elsewhere.open(STRANGER);
    leases.open(LeaseCaller.visitor("198.51.100.7"));
    clock.advance(SECOND);
    assertThat(leases.isKept(Kind.VISITOR, clock.instant())).isFalse();
    assertThat(elsewhere.isKept(Kind.VISITOR, clock.instant())).isFalse();
    elsewhere.open(LeaseCaller.visitor("203.0.113.9"));
    assertThat(elsewhere.isKept(Kind.VISITOR, clock.instant())).isTrue();
  }

  @Test
  void aDrainEndsWithTheLastLeaseOrTheTimeout() throws Exception {
    long first = leases.open(LeaseCaller.member("ada"));
    long second = leases.open(LeaseCaller.member("ada"));
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
  void aDrainForRoomWaitsForYoungRequestsAndNotForEndlessOnes() throws Exception {
    leases.open(STRANGER);
    clock.advance(LONG);
    leases.awaitKeptTime(LONG);
    long young = leases.open(LeaseCaller.member("ada"));
    Waiting drain = Waiting.in(() -> leases.awaitKeptTime(LONG));
    drain.requireWaiting();
    leases.close(young);
    drain.requireEnd();
  }

  @Test
  void aWakeUpCountsAsUse() {
    clock.advance(MINUTE);
    leases.wokeUp();
    assertThat(leases.isUnusedFor(Duration.ofMillis(1))).isFalse();
  }
}
