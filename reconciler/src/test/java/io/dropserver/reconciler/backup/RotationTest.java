package io.dropserver.reconciler.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.reconciler.backup.BackupStatusStore.BackupStatus;
import io.dropserver.state.StateDatabase;
import io.dropserver.testing.SettableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotationTest {
  @TempDir private Path folder;
  private final SettableClock clock = new SettableClock();

  /** Every week begins with a restart of the server. */
  @Test
  void eachPartIsNextOnceInARotationAndOnlyTheLastOneCompletesIt() throws Exception {
    Instant completed = Instant.EPOCH;
    for (int part = 1; part <= ResticRepository.PARTS; part++) {
      assertThat(readNext()).isEqualTo(part);
      completed = clock.instant();
      assertThat(status().verifiedAt().isPresent()).isEqualTo(part == ResticRepository.PARTS);
      clock.advance(Duration.ofDays(7));
    }
    assertThat(readNext()).isEqualTo(1);
    assertThat(status().verifiedAt()).contains(completed);
    assertThat(status().goodAt()).as("it is no backup").isEmpty();
  }

  private int readNext() throws Exception {
    try (StateDatabase database = StateDatabase.open(folder.resolve("state.db"), clock)) {
      BackupStatusStore store = new BackupStatusStore(database, clock, Optional.empty());
      int part = store.nextPart(BackupScheduler.UPKEEP);
      store.recordPart(BackupScheduler.UPKEEP, part, 1000);
      store.recordRun(BackupScheduler.UPKEEP);
      return part;
    }
  }

  private BackupStatus status() throws Exception {
    try (StateDatabase database = StateDatabase.open(folder.resolve("state.db"), clock)) {
      return new BackupStatusStore(database, clock, Optional.empty())
          .find(BackupScheduler.UPKEEP)
          .orElseThrow();
    }
  }
}
