package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AwakeClaimsTest {
  private static final Instant START = Instant.parse("2026-11-25T10:00:00Z");

  private Instant now = START;
  private final AwakeClaims claims = new AwakeClaims(() -> now);

  @Test
  void anAppspaceIsAwakeUntilItsLastClaimEnds() {
    assertThat(claims.of("garden")).isEmpty();
    String first = claims.begin("garden").orElseThrow();
    now = now.plusSeconds(5);
    String second = claims.begin("garden").orElseThrow();
    assertThat(claims.of("garden")).contains(new AwakeClaims.Awake(2, START));
    claims.end("diary", first);
    claims.end("garden", "unknown");
    claims.end("garden", first);
    claims.end("garden", first);
    assertThat(claims.of("garden")).contains(new AwakeClaims.Awake(1, START.plusSeconds(5)));
    assertThat(claims.of("diary")).isEmpty();
    claims.end("garden", second);
    assertThat(claims.of("garden")).isEmpty();
  }

  @Test
  void aClaimEndsByItselfAfterTenMinutes() {
    assertThat(claims.begin("garden")).isPresent();
    now = START.plus(AwakeClaims.LONGEST).minusMillis(1);
    assertThat(claims.of("garden")).isPresent();
    now = START.plus(AwakeClaims.LONGEST);
    assertThat(claims.of("garden")).isEmpty();
    assertThat(AwakeClaims.LONGEST).isEqualTo(Duration.ofMinutes(10));
  }

  /** An app that begins a claim whenever it has none, for three days. */
  @Test
  void anAppCannotStayAwakeWithoutEndByNewClaims() {
    Duration awake = Duration.ZERO;
    Duration step = Duration.ofMinutes(1);
    Instant end = START.plus(Duration.ofDays(3));
    while (now.isBefore(end)) {
      if (claims.of("garden").isPresent()) {
        awake = awake.plus(step);
      } else {
        var _ = claims.begin("garden");
      }
      now = now.plus(step);
      if (now.getEpochSecond() % 7200 == 0) {
        claims.endAll("garden"); // a new process has no new allowance
      }
    }
    assertThat(awake).isBetween(AwakeClaims.PER_DAY, AwakeClaims.PER_DAY.multipliedBy(4));
    assertThat(claims.begin("diary")).as("another appspace").isPresent();
    now = now.plus(Duration.ofDays(1));
    assertThat(claims.begin("garden")).as("a day later").isPresent();
  }

  @Test
  void parallelClaimsAreChargedOnce() {
    for (int i = 0; i < AwakeClaims.PER_APPSPACE; i++) {
      assertThat(claims.begin("garden")).isPresent();
    }
    now = now.plus(AwakeClaims.LONGEST);
    for (int i = 0; i < 20; i++) {
      assertThat(claims.begin("garden")).isPresent();
      now = now.plus(AwakeClaims.LONGEST);
    }
  }

  @Test
  void theClaimsOfAnAppspaceAreLimited() {
    for (int i = 0; i < AwakeClaims.PER_APPSPACE; i++) {
      assertThat(claims.begin("garden")).isPresent();
    }
    assertThat(claims.begin("garden")).isEmpty();
    assertThat(claims.begin("diary")).isPresent();
    now = START.plus(AwakeClaims.LONGEST);
    assertThat(claims.begin("garden")).as("the others have ended").isPresent();
    claims.endAll("garden");
    assertThat(claims.of("garden")).isEqualTo(Optional.empty());
  }

  @Test
  void claimsShowTheDateAndEndByElapsedTime() {
    Instant date = START.plus(Duration.ofDays(30));
    AwakeClaims dated = new AwakeClaims(() -> now, () -> date);
    assertThat(dated.begin("garden")).isPresent();
    assertThat(dated.of("garden")).contains(new AwakeClaims.Awake(1, date));
    now = now.plus(AwakeClaims.LONGEST);
    assertThat(dated.of("garden")).isEmpty();
  }
}
