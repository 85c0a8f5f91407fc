package io.dropserver.reconciler.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.RevisionChanges;
import io.dropserver.reconciler.plan.FieldChange;
import io.dropserver.reconciler.plan.ObjectChange;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.state.StateDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppliedRevisionTest {
  @TempDir Path folder;

  private static ObjectChange update(String appspace, String after) {
    FieldChange field = new FieldChange("config.A", Optional.empty(), Optional.of(after));
    return new ObjectChange(
        ObjectChange.Action.UPDATE, ObjectKey.appspace(appspace), List.of(field), Optional.empty());
  }

  private StateDatabase database() {
    return StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
  }

  @Test
  void theLastChangesSurviveARestart() {
    Plan plan = new Plan(List.of(update("diary", "x".repeat(1_000))));
    RevisionChanges applied;
    try (StateDatabase database = database()) {
      AppliedRevision revision = new AppliedRevision(database, Clock.systemUTC());
      assertThat(revision.last()).isEmpty();
      revision.applied("abc123", plan);
      applied = revision.last().orElseThrow();
    }
    try (StateDatabase database = database()) {
      assertThat(new AppliedRevision(database, Clock.systemUTC()).last()).contains(applied);
    }
    assertThat(applied.summary()).isEqualTo("0 create, 1 update, 0 remove");
    assertThat(applied.changes().getFirst().what().getFirst())
        .startsWith("config.A: – → xxx")
        .hasSizeLessThan(250);
  }

  @Test
  void onlyTheFirstOfAThousandChangesAreListed() {
    List<ObjectChange> changes =
        IntStream.range(0, 1_000).mapToObj(i -> update("a" + i, "x")).toList();
    try (StateDatabase database = database()) {
      AppliedRevision revision = new AppliedRevision(database, Clock.systemUTC());
      revision.applied("abc123", new Plan(changes));
      assertThat(revision.last().orElseThrow().changes()).hasSize(50);
      assertThat(revision.last().orElseThrow().more()).isEqualTo(950);
    }
  }
}
