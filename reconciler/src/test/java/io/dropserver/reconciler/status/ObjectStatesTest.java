package io.dropserver.reconciler.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.ConditionType;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectStatesTest {
  @TempDir Path folder;

  private static ObjectState state(String appspace, boolean ready) {
    Conditions conditions =
        Conditions.NONE.with(
            ConditionType.READY,
            ready,
            AppspaceReason.CONVERGE_FAILED,
            "as it is",
            "abc",
            Instant.EPOCH);
    return ObjectState.fresh(ObjectKey.appspace(appspace), "appspaces.yaml:1").with(conditions);
  }

  private static ObjectStates.Update update(ObjectState state) {
    return new ObjectStates.Update(state, Optional.empty(), List.of());
  }

  @Test
  void objectsNotReadySurviveARestartUntilReadyOrRemoved() {
    ObjectState diary = state("diary", false);
    ObjectState album = state("album", false);
    try (StateDatabase database = StateDatabase.open(folder.resolve("s.db"), Clock.systemUTC())) {
      ObjectStates states = new ObjectStates(database, new EventLog(database, Clock.systemUTC()));
      states.store(List.of(update(diary), update(album), update(state("notes", true))));
      states.storeInMemory(state("chess", false));
      assertThat(states.notReady()).containsExactly(album, state("chess", false), diary);
      states.storeInMemory(state("chess", true));
      states.store(List.of(update(state("notes", false))));
      states.store(List.of(update(state("notes", true))));
    }
    try (StateDatabase database = StateDatabase.open(folder.resolve("s.db"), Clock.systemUTC())) {
      ObjectStates states = new ObjectStates(database, new EventLog(database, Clock.systemUTC()));
      assertThat(states.notReady()).containsExactly(album, diary);
      states.store(List.of(update(state("diary", true))));
      states.forget(List.of(album.key()), List.of());
      assertThat(states.notReady()).isEmpty();
    }
  }
}
