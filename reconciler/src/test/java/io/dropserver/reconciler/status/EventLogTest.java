package io.dropserver.reconciler.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.Event;
import io.dropserver.state.condition.EventReason;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventLogTest {
  private static final int KEPT = 500;

  @TempDir Path folder;

  @Test
  void theOldestEventsAreDropped() {
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      EventLog log = new EventLog(database, Clock.systemUTC(), KEPT);
      database.write(
          on -> {
            for (int i = 0; i < 2 * KEPT; i++) {
              log.write(
                  on,
                  log.event(
                      ObjectKey.appspace("garden"), EventReason.UPDATED, "event " + i, false));
            }
          });

      List<Event> newest = log.newest(10 * KEPT);
      assertThat(newest).hasSizeBetween(KEPT, KEPT + 100);
      assertThat(newest.getFirst().message()).isEqualTo("event " + (2 * KEPT - 1));
    }
  }
}
