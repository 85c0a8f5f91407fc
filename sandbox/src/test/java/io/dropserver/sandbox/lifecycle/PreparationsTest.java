package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which appspaces have a prepared start, and what discards it. */
@Timeout(60)
class PreparationsTest {
  private static final long MEMORY = 100L << 20;

  private final FakeHost host = new FakeHost();
  private final SettableClock clock = new SettableClock();
  private volatile boolean memoryIsShort;
  private final Sandboxes sandboxes =
      new Sandboxes(
          host,
          new LifecycleSettings(8, 3 * MEMORY, Duration.ofMillis(200), Duration.ofMillis(100), 2),
          clock,
          new Silent(),
          new AwakeClaims(clock),
          () -> memoryIsShort);

  @AfterEach
  void close() {
    sandboxes.close();
    assertThat(host.prepared()).isEmpty();
  }

  @Test
  void stoppedAppspacesArePreparedTheLastUsedFirst() {
    sandboxes.declare(spec("never-used"));
    useAndStop("a");
    useAndStop("b");
    useAndStop("c");
    await().untilAsserted(() -> assertThat(host.prepared()).containsExactly("b", "c"));
    sandboxes.lease("b", LeaseCaller.member("ada")).close();
    await().untilAsserted(() -> assertThat(host.prepared()).containsExactly("a", "c"));
    useAndStop("b");
    await().untilAsserted(() -> assertThat(host.prepared()).containsExactly("b", "c"));
  }

  @Test
  void aBackupARestoreAndARemovalDiscardWhatWasPrepared() {
    prepared("a");
    assertThat(sandboxes.whileFrozen("a", () -> assertThat(host.prepared()).as("backup").isEmpty()))
        .isFalse();
    awaitPrepared("a");
    sandboxes.whileStopped("a", () -> assertThat(host.prepared()).as("restore").isEmpty());
    awaitPrepared("a");
    sandboxes.withdraw("a");
    assertThat(host.prepared()).isEmpty();
  }

  @Test
  void aChangedSpecDiscardsWhatWasPreparedAndIsPreparedInItsPlace() {
    prepared("a");
    SandboxSpec next = SandboxesTest.spec("a", "2.0.0", MEMORY);
    sandboxes.declare(next);
    assertThat(host.prepared).doesNotContainKey(spec("a"));
    await().untilAsserted(() -> assertThat(host.prepared).containsOnlyKeys(next));
  }

  @Test
  void preparedStartsGiveTheirMemoryToSandboxes() {
    prepared("a");
    sandboxes.declare(SandboxesTest.spec("large", "1.0.0", 3 * MEMORY));
    sandboxes.lease("large", LeaseCaller.member("ada")).close();
    assertThat(host.prepared()).isEmpty();
  }

  @Test
  void noSandboxIsStoppedForThemAndTheOneThatStartsUsesItsOwn() {
    SandboxSpec small = SandboxesTest.spec("small", "1.0.0", MEMORY / 2);
    sandboxes.declare(small);
    sandboxes.lease("small", LeaseCaller.member("ada")).close();
    prepared("a");
    useAndStop("b");
    await().untilAsserted(() -> assertThat(host.prepared()).containsExactly("a", "b"));
    sandboxes.declare(SandboxesTest.spec("rest", "1.0.0", 3 * MEMORY / 2));
    sandboxes.lease("rest", LeaseCaller.member("ada")).close();
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.live()).hasSize(3);
    assertThat(host.preparationsUsed).hasValue(1);
  }

  @Test
  void nothingIsPreparedWhileTheMachineIsShortOfMemory() {
    prepared("a");
    memoryIsShort = true;
    await().untilAsserted(() -> assertThat(host.prepared()).isEmpty());
  }

  @Test
  void aPreparationThatFailsDoesNotPreventAStart() {
    host.unprepared = new SandboxException(SandboxReason.LAUNCH_FAILED, "no namespaces");
    useAndStop("a");
    await().until(() -> host.preparations.get() > 0);
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.live()).hasSize(1);
  }

  @Test
  void anUnexpectedFailureIsNotRepeatedAndDelaysNoOther() {
    host.unprepared = new IllegalStateException("a defect");
    useAndStop("a");
    await().until(() -> host.preparations.get() > 0);
    host.unprepared = null;
    useAndStop("b");
    awaitPrepared("b");
  }

  private static SandboxSpec spec(String name) {
    return SandboxesTest.spec(name, "1.0.0", MEMORY);
  }

  private void prepared(String name) {
    useAndStop(name);
    awaitPrepared(name);
  }

  private void awaitPrepared(String name) {
    await().untilAsserted(() -> assertThat(host.prepared()).containsExactly(name));
  }

  private void useAndStop(String name) {
    clock.advance(Duration.ofSeconds(1));
    sandboxes.declare(spec(name));
    sandboxes.lease(name, LeaseCaller.member("ada")).close();
    sandboxes.whileStopped(name, () -> {});
  }

  static final class Silent implements SandboxEvents {
    @Override
    public void started(String appspace) {}

    @Override
    public void stopped(String appspace) {}

    @Override
    public void ended(String appspace, Exit exit) {}

    @Override
    public void startFailed(String appspace, Reason reason, String message) {}

    @Override
    public void failureVoid(String appspace) {}
  }
}
