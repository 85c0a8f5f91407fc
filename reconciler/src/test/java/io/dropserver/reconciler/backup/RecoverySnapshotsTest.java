package io.dropserver.reconciler.backup;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.restic.ResticSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoverySnapshotsTest {
  private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");

  private static ResticSnapshot snapshot(String digit, Duration age) {
    return new ResticSnapshot(digit.repeat(64), NOW.minus(age), List.of("appspace:garden"), 1, 1);
  }

  @Test
  void aRecoveryStopsWhenSomeBackupsAreOfLaterDates() {
    ResticSnapshot wrong = snapshot("a", Duration.ofDays(-3650));
    ResticSnapshot yesterday = snapshot("b", Duration.ofDays(1));
    ResticSnapshot soon = snapshot("c", Duration.ofHours(-1));
    assertThatCode(() -> RecoverySnapshots.requirePlausible(List.of(yesterday, soon), NOW))
        .doesNotThrowAnyException();
    assertThatCode(() -> RecoverySnapshots.requirePlausible(List.of(wrong), NOW))
        .as("their order is known")
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () -> RecoverySnapshots.requirePlausible(List.of(yesterday, soon, wrong), NOW))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("the date of this machine is 2026-11-26T08:00:00Z")
        .hasMessageContaining("1 of 3 backups")
        .hasMessageContaining("aaaaaaaa of 2036-11-23T08:00:00Z");
  }
}
