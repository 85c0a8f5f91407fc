package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.SettableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
  private final SettableClock clock = new SettableClock();
  private final LoginThrottle loginThrottle = new LoginThrottle(clock, 3, Duration.ofMinutes(1));

  @Test
  void afterAFewFailuresEachWaitDoubles() {
    for (int i = 0; i < 3; i++) {
      assertThat(loginThrottle.attempt("alice")).isEmpty();
    }
    for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      assertThat(loginThrottle.attempt("alice")).hasValue(Duration.ofSeconds(seconds));
      clock.advance(Duration.ofSeconds(seconds));
      assertThat(loginThrottle.attempt("alice")).isEmpty();
    }
    assertThat(loginThrottle.attempt("bob")).isEmpty();
  }

  @Test
  void theOldestFailureMakesRoom() {
    for (int i = 0; i < 3; i++) {
      loginThrottle.attempt("alice");
    }
    for (int i = 0; i < LoginThrottle.MAX_KEYS - 1; i++) {
      loginThrottle.attempt("other-" + i);
    }
    assertThat(loginThrottle.attempt("alice")).as("still kept").isPresent();
    for (int i = 0; i < LoginThrottle.MAX_KEYS; i++) {
      loginThrottle.attempt("another-" + i);
    }
    assertThat(loginThrottle.attempt("alice")).as("forgotten").isEmpty();
  }

  @Test
  void anAttemptDuringAWaitDoesNotLengthenIt() {
    for (int i = 0; i < 3; i++) {
      loginThrottle.attempt("alice");
    }
    for (int i = 0; i < 100; i++) {
      assertThat(loginThrottle.attempt("alice")).hasValue(Duration.ofSeconds(1));
    }
    clock.advance(Duration.ofSeconds(1));
    assertThat(loginThrottle.attempt("alice")).isEmpty();
  }

  @Test
  void aSuccessResetsTheUserAndForgivesOneAddressFailure() {
    for (int i = 0; i < 3; i++) {
      loginThrottle.attempt("alice");
      loginThrottle.attempt("10.0.0.1");
    }
    loginThrottle.succeeded("alice");
    loginThrottle.forgive("10.0.0.1");
    assertThat(loginThrottle.attempt("alice")).isEmpty();
    assertThat(loginThrottle.attempt("10.0.0.1")).isEmpty();
    assertThat(loginThrottle.attempt("10.0.0.1"))
        .as("the failures before stay counted")
        .isPresent();
  }

  @Test
  void anHourWithoutFailuresResetsTheWait() {
    for (int i = 0; i < 3; i++) {
      loginThrottle.attempt("alice");
    }
    clock.advance(Duration.ofMinutes(61));
    for (int i = 0; i < 3; i++) {
      assertThat(loginThrottle.attempt("alice")).isEmpty();
    }
  }
}
