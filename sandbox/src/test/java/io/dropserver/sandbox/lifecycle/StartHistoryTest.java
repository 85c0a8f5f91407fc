package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StartHistoryTest {
  private final SandboxException broken = new SandboxException(SandboxReason.APP_FAILED, "broken");
  private final SandboxException full = new SandboxException(SandboxReason.AT_CAPACITY, "full");

  private final SettableClock clock = new SettableClock();
  private final StartHistory starts = new StartHistory("a", clock);

  @Test
  void aFailureIsThrownToTheCallersThatWaitedForItAndToNoLaterOne() {
    long before = starts.attempts();
    fail(broken);
    assertThatThrownBy(() -> starts.requireDue(before)).isSameAs(broken);
    starts.requireDue(starts.attempts());
  }

  @Test
  void aStartThatSucceedsVoidsTheFailureBefore() {
    long before = starts.attempts();
    fail(broken);
    starts.attemptEnded();
    starts.started();
    starts.requireDue(before);
  }

  @Test
  void repeatedFailuresOfTheAppDelayTheNextStart() {
    fail(broken);
    fail(broken);
    assertThat(starts.isBackingOff()).isTrue();
    assertThatThrownBy(() -> starts.requireDue(starts.attempts()))
        .hasMessage("appspace a failed 2 times; next try in 2 s")
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.BACKOFF);
    clock.advance(Duration.ofSeconds(1));
    starts.requireDue(starts.attempts());
    fail(broken);
    starts.endBackoff();
    starts.requireDue(starts.attempts());
  }

  @Test
  void aLackOfRoomDelaysNothing() {
    for (int start = 0; start < 5; start++) {
      starts.attemptEnded();
      assertThat(starts.failed(full)).as("the app may be at fault").isFalse();
    }
    assertThat(starts.isBackingOff()).isFalse();
    starts.requireDue(starts.attempts());
  }

  @Test
  void crashesDelayTheNextStartUnlessTheRunWasStable() {
    starts.crashed(Duration.ZERO);
    assertThat(starts.isBackingOff()).isFalse();
    starts.crashed(Duration.ZERO);
    assertThat(starts.isBackingOff()).isTrue();
    starts.crashed(CrashBackoff.STABLE);
    assertThat(starts.isBackingOff()).isFalse();
  }

  private void fail(SandboxException problem) {
    starts.attemptEnded();
    assertThat(starts.failed(problem)).as("the app may be at fault").isTrue();
  }
}
