package io.dropserver.reconciler.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.testing.SettableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxFailuresTest {
  private static final Instant DATE = Instant.parse("2026-11-26T08:00:00Z");

  @TempDir private Path folder;
  private final SettableClock clock = new SettableClock(DATE);

  @Test
  void anEventOfALaterDateHidesNoneWhenTheDateIsCorrected() {
    try (StateDatabase database = StateDatabase.open(folder.resolve("state.db"), clock)) {
      EventLog events = new EventLog(database, clock);
      SandboxFailures failures = new SandboxFailures(events, clock);
      clock.set(DATE.plus(Duration.ofDays(3650)));
      for (int i = 0; i < 3; i++) {
        failures.startFailed("garden", SandboxReason.CRASHED, "it crashed");
      }
      assertThat(events.newest(10)).as("once a minute").hasSize(1);
      clock.set(DATE);
      failures.startFailed("garden", SandboxReason.CRASHED, "it crashed");
      assertThat(events.newest(10)).hasSize(2);
    }
  }
}
