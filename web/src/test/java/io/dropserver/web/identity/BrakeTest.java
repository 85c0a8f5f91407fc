package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BrakeTest {
  private final SettableClock clock = new SettableClock();
  private final Brake brake = new Brake(clock, 3, Duration.ofMinutes(1));

  @Test
  void aFewFailuresCostNothingThenEachWaitIsTwiceAsLong() {
    for (int i = 0; i < 3; i++) {
      assertThat(brake.attempt("alice")).isEmpty();
    }
    for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      assertThat(brake.attempt("alice")).hasValue(Duration.ofSeconds(seconds));
      clock.pass(Duration.ofSeconds(seconds));
      assertThat(brake.attempt("alice")).isEmpty();
    }
    assertThat(brake.attempt("bob")).isEmpty();
  }

  @Test
  void theOldestFailureMakesRoom() {
    for (int i = 0; i < 3; i++) {
      brake.attempt("alice");
    }
    for (int i = 0; i < Brake.KEPT - 1; i++) {
      brake.attempt("other-" + i);
    }
    assertThat(brake.attempt("alice")).as("still kept").isPresent();
    for (int i = 0; i < Brake.KEPT; i++) {
      brake.attempt("another-" + i);
    }
    assertThat(brake.attempt("alice")).as("forgotten").isEmpty();
  }

  @Test
  void anAttemptDuringAWaitDoesNotLengthenIt() {
    for (int i = 0; i < 3; i++) {
      brake.attempt("alice");
    }
    for (int i = 0; i < 100; i++) {
      assertThat(brake.attempt("alice")).hasValue(Duration.ofSeconds(1));
    }
    clock.pass(Duration.ofSeconds(1));
    assertThat(brake.attempt("alice")).isEmpty();
  }

  @Test
  void aSuccessIsForgottenOrForgiven() {
    for (int i = 0; i < 3; i++) {
      brake.attempt("alice");
      brake.attempt("10.0.0.1");
    }
    brake.succeeded("alice");
    brake.forgive("10.0.0.1");
    assertThat(brake.attempt("alice")).isEmpty();
    assertThat(brake.attempt("10.0.0.1")).isEmpty();
    assertThat(brake.attempt("10.0.0.1")).as("the failures before stay counted").isPresent();
  }

  @Test
  void anHourWithoutAFailureIsEnough() {
    for (int i = 0; i < 3; i++) {
      brake.attempt("alice");
    }
    clock.pass(Duration.ofMinutes(61));
    for (int i = 0; i < 3; i++) {
      assertThat(brake.attempt("alice")).isEmpty();
    }
  }
}
