package io.dropserver.reconciler.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.status.ServerState;
import io.dropserver.sandbox.SwapObstacle;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.ConditionType;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwapMonitorTest {
  @TempDir Path folder;
  private StateDatabase database;
  private ServerState server;
  private final List<Runnable> due = new ArrayList<>();
  private Optional<SwapObstacle> obstacle = Optional.of(SwapObstacle.CGROUP_V1);

  @BeforeEach
  void open() {
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
    server = new ServerState(database, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private SwapMonitor start(boolean wanted) {
    return new SwapMonitor(
            wanted,
            () -> obstacle,
            server,
            (_, task) -> {
              due.add(task);
              return () -> due.remove(task);
            })
        .start();
  }

  private Optional<String> message() {
    return server.conditions().find(ConditionType.SWAP_UNAVAILABLE).map(Condition::message);
  }

  @Test
  void theConditionSaysWhyTheSettingHasNoEffectAndEndsWhenItHas() {
    try (var _ = start(true)) {
      assertThat(message().orElseThrow())
          .startsWith("sandbox.swap has no effect: this machine uses cgroup v1; ");
      obstacle = Optional.empty();
      due.removeFirst().run();
      assertThat(message()).isEmpty();
      obstacle = Optional.of(SwapObstacle.NO_SWAP);
      due.removeFirst().run();
      assertThat(message().orElseThrow()).contains("this machine has no swap");
    }
    assertThat(due).isEmpty();
  }

  @Test
  void aStartWithoutTheSettingForgetsTheCondition() {
    start(true).close();
    assertThat(message()).isPresent();
    try (var _ = start(false)) {
      assertThat(message()).isEmpty();
      assertThat(due).isEmpty();
    }
  }
}
