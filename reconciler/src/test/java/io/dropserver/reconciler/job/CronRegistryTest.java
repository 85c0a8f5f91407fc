package io.dropserver.reconciler.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.status.Settings;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.state.StateDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CronRegistryTest {
  @TempDir Path folder;

  @Test
  void jobsSurviveARestartAndTheManifestWins() {
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      new CronRegistry(database).replace("garden", Map.of("daily", "0 6 * * *"));
      CronRegistry registry = new CronRegistry(database);
      assertThat(registry.has("garden", Map.of("daily", "0 6 * * *"))).isTrue();
      assertThat(registry.has("garden", Map.of("daily", "0 7 * * *"))).isFalse();
      AppJob declared = new AppJob("daily", "0 1 * * *", "/jobs", AppJob.DEFAULT_TIMEOUT);
      assertThat(registry.with(List.of(declared), "garden")).containsExactly(declared);
      assertThat(registry.with(List.of(), "garden")).isEqualTo(registry.of("garden"));
      registry.remove("garden", "daily");
      assertThat(registry.of("garden")).isEmpty();
      assertThat(new CronRegistry(database).of("garden")).isEmpty();
    }
  }

  @Test
  void jobsOfAppspacesThatWereRemovedAreForgotten() {
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      CronRegistry registry = new CronRegistry(database);
      registry.replace("garden", Map.of("daily", "0 6 * * *"));
      registry.replace("diary", Map.of("daily", "0 6 * * *"));
      registry.retain(name -> !name.equals("garden"));
      assertThat(new CronRegistry(database).of("garden")).isEmpty();
      assertThat(new CronRegistry(database).of("diary")).hasSize(1);
    }
  }

  @Test
  void aValueThatCannotBeReadDoesNotPreventTheStart() {
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      new Settings(database).put("crons", "{\"appspaces\": 7}");
      assertThat(new CronRegistry(database).of("garden")).isEmpty();
    }
  }
}
