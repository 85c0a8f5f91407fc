package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecentUseTest {
  private static final Duration MOST = Duration.ofSeconds(20);
  private static final Instant START = Instant.parse("2026-12-01T08:00:00Z");

  private final RecentUse use = new RecentUse(4, MOST);

  @Test
  void useThatOverlapsCountsOnceAndDecaysInFourTimesItsLength() {
    use.begin("a", START);
    use.begin("a", START);
    use.end("a", START.plusSeconds(6));
    use.end("a", START.plusSeconds(8));
    assertThat(use.used("a", START.plusSeconds(8))).isEqualTo(Duration.ofSeconds(8));
    assertThat(use.used("a", START.plusSeconds(12))).isEqualTo(Duration.ofSeconds(7));
    assertThat(use.used("a", START.plusSeconds(60))).isZero();
  }

  @Test
  void anEndlessUseIsForgottenInABoundedTime() {
    use.begin("a", START);
    use.end("a", START.plusSeconds(3600));
    assertThat(use.used("a", START.plusSeconds(3600))).isEqualTo(MOST);
  }

  /** Otherwise a client with many addresses could fill the memory, or have its use forgotten. */
  @Test
  void theNumberOfKeysIsBoundedAndThoseWithMostUseAreRemembered() {
    use.begin("heavy", START);
    use.end("heavy", START.plusSeconds(10));
    use.begin("open", START);
    for (int address = 0; address < 1000; address++) {
      use.begin("client " + address, START.plusSeconds(10));
      use.end("client " + address, START.plusSeconds(10));
    }
    assertThat(use.size()).isLessThanOrEqualTo(5);
    assertThat(use.used("heavy", START.plusSeconds(10))).isEqualTo(Duration.ofSeconds(10));
    assertThat(use.used("open", START.plusSeconds(10))).isEqualTo(Duration.ofSeconds(10));
  }
}
