package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.ObjectStatus;
import io.dropserver.sandbox.lifecycle.AwakeClaims;
import io.dropserver.sandbox.usage.Pressure;
import io.dropserver.sandbox.usage.UsageSample;
import io.dropserver.state.condition.Condition;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveUsageTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path folder;
  private TestServer server;

  @BeforeEach
  void serve() throws Exception {
    FakeSource source = new FakeSource();
    source.push(new SampleRepo().appspace("garden").files());
    server = new TestServer(folder, source, new TestServer.Store(source)).start();
    server.sync();
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void oneObjectHasUsageHistoryAndListsOmitIt() {
    assertThat(server.status("garden").usage()).isEmpty();
    server.sandboxes.history = List.of(sample(NOW, 10), sample(NOW.plusSeconds(5), 20));

    ObjectStatus one = server.status("garden");
    assertThat(one.usage().orElseThrow().last().memoryBytes()).isEqualTo(20);
    assertThat(one.usage().orElseThrow().memoryLimitBytes()).isEqualTo(256L << 20);
    assertThat(one.usage().orElseThrow().history()).hasSize(2);
    assertThat(server.reconciliation.view().status().objects())
        .filteredOn(object -> object.name().equals("garden"))
        .allSatisfy(object -> assertThat(object.usage().orElseThrow().history()).isEmpty());
  }

  @Test
  void aReachedLimitIsAConditionUntilThePressureEnds() {
    server.sandboxes.pressures = Map.of(Pressure.STORAGE, NOW, Pressure.PROCESSES, NOW);
    assertThat(server.condition("garden", "StorageFull"))
        .hasValueSatisfying(
            full -> {
              assertThat(full.since()).isEqualTo(NOW);
              assertThat(full.message()).contains("limits.storage is 1024 MiB; raise the limit");
            });
    assertThat(server.condition("garden", "ProcessLimitReached")).isPresent();

    server.sandboxes.pressures = Map.of();
    assertThat(server.status("garden").conditions())
        .extracting(Condition::type)
        .doesNotContain("StorageFull", "ProcessLimitReached", "CpuThrottled");
  }

  @Test
  void whatKeepsAnAppspaceAwakeIsACondition() {
    assertThat(server.condition("garden", "KeptAwake")).isEmpty();
    server.sandboxes.awake = Optional.of(new AwakeClaims.Awake(2, NOW));
    assertThat(server.condition("garden", "KeptAwake"))
        .hasValueSatisfying(
            kept -> {
              assertThat(kept.reason()).isEqualTo("AppWorking");
              assertThat(kept.message()).contains("2 claims");
              assertThat(kept.since()).isEqualTo(NOW);
            });
    assertThat(server.status("garden").ready()).isTrue();
    server.sandboxes.awake = Optional.empty();
    assertThat(server.condition("garden", "KeptAwake")).isEmpty();
  }

  private static UsageSample sample(Instant time, long memory) {
    return new UsageSample(time, memory, 100, 0, 3, 0, 4096);
  }
}
