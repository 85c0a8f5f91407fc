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
}
