package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateFloorTest {
  private static final int FLOOR = 500;

  private final RateFloor floor = new RateFloor(FLOOR, Duration.ofHours(1));

  @Test
  void slowClientsAreRefusedWithStatus408() {
    assertThatExceptionOfType(ProxyRequestBody.IncompleteBody.class)
        .isThrownBy(
            () -> {
              for (int second = 0; second < 60; second++) {
                floor.add(Duration.ofSeconds(1).toNanos(), FLOOR / 2);
              }
            })
        .satisfies(e -> assertThat(e.status()).isEqualTo(408));
  }

  @Test
  void fastAndRecentClientsAreAccepted() {
    assertThatCode(
            () -> {
              floor.add(Duration.ofSeconds(20).toNanos(), 0);
              floor.add(0, 20 * FLOOR);
              for (int second = 0; second < 60; second++) {
                floor.add(Duration.ofSeconds(1).toNanos(), 2 * FLOOR);
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void aBodyThatTakesTooLongIsRefusedWithStatus408() {
    assertThatCode(() -> floor.checkDuration(Duration.ofHours(1).toNanos()))
        .doesNotThrowAnyException();
    assertThatExceptionOfType(ProxyRequestBody.IncompleteBody.class)
        .isThrownBy(() -> floor.checkDuration(Duration.ofHours(1).toNanos() + 1))
        .withMessageContaining("60 minutes")
        .satisfies(e -> assertThat(e.status()).isEqualTo(408));
  }
}
