package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.state.condition.Reason;
import io.dropserver.testing.SettableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** For which appspaces sandboxes wait. */
@Timeout(60)
class WaitingStartsTest {
  private static final long MEMORY = 100L << 20;
  private static final long ALL_MEMORY = 2 * 8 * WaitingStarts.MEMORY_BYTES;

  private final FakeHost host = new FakeHost();
  private final SettableClock clock = new SettableClock();
  private volatile boolean memoryIsShort;
  @TempDir private Path folder;
  private Sandboxes sandboxes;

  private Sandboxes sandboxes(long memoryBytes, int waiting) {
    return new Sandboxes(
        host,
        new LifecycleSettings(
            8,
            memoryBytes,
            Duration.ofMillis(200),
            Duration.ofMillis(100),
            waiting,
            Optional.of(folder.resolve("last-used"))),
        clock,
        new Silent(),
        new AwakeClaims(clock),
        () -> memoryIsShort);
  }

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void open() {
    sandboxes = sandboxes(ALL_MEMORY, 2);
  }

  @AfterEach
  void close() {
    sandboxes.close();
  }

  @Test
  void sandboxesWaitForTheStoppedAppspacesThatWereUsedLast() {
    sandboxes.declare(spec("never-used"));
    useAndStop("a");
    useAndStop("b");
    useAndStop("c");
    awaitWaiting("c", "b");
    sandboxes.lease("b", LeaseCaller.member("ada")).close();
    awaitWaiting("c", "a");
    useAndStop("b");
    awaitWaiting("b", "c");
    sandboxes.withdraw("c");
    awaitWaiting("b", "a");
  }

  @Test
  void anAppspaceThatCannotUseOneTakesNoPlace() {
    useAndStop("a");
    useAndStop("b");
    useAndStop("ordinary");
    useAndStop("ordinary-too");
    awaitWaiting("b", "a");
  }

  @Test
  void aNewAppspaceComesBeforeOneThatWasUsedEarlier() {
    useAndStop("a");
    useAndStop("b");
    clock.advance(Duration.ofSeconds(1));
    sandboxes.declare(spec("new"));
    awaitWaiting("new", "b");
  }

  @Test
  void afterARestartTheyWaitForTheAppspacesThatWereUsedLast() throws IOException {
    for (String name : List.of("a", "b", "c", "d")) {
      useAndStop(name);
    }
    sandboxes.close();
    for (String damaged : List.of("", "never-used\n\u0000\n")) {
      Files.writeString(folder.resolve("last-used"), damaged, StandardOpenOption.APPEND);
      sandboxes = sandboxes(ALL_MEMORY, 2);
      Files.createDirectories(folder.resolve("old"));
      sandboxes.declare(spec("old").withData(folder.resolve("old"), 1, spec("old").app()));
      for (String name : List.of("b", "d", "a", "c")) {
        sandboxes.declare(spec(name));
      }
      awaitWaiting("d", "c");
      sandboxes.close();
    }
  }

  @Test
  void theyTakeAnEighthOfTheMemoryAtMost() {
    sandboxes.close();
    sandboxes = sandboxes(8 * WaitingStarts.MEMORY_BYTES, 2);
    useAndStop("a");
    useAndStop("b");
    awaitWaiting("b");
  }

  @Test
  void theyGiveTheirMemoryToSandboxes() {
    useAndStop("a");
    awaitWaiting("a");
    sandboxes.declare(SandboxesTest.spec("large", "1.0.0", ALL_MEMORY));
    sandboxes.lease("large", LeaseCaller.member("ada")).close();
    assertThat(host.waiting).isEmpty();
  }

  @Test
  void noneIsLeftWhoseMemoryAStartTookWhileItWasCreated() {
    Capacity capacity = new Capacity(8, ALL_MEMORY);
    WaitingStarts waitingStarts = new WaitingStarts(host, capacity, 2);
    host.beforeWaiting =
        () -> {
          capacity.wakes("large", ALL_MEMORY);
          waitingStarts.discardIfNeeded();
        };
    waitingStarts.keep(List.of(spec("a")));
    assertThat(host.waiting).isEmpty();
    capacity.release("large");
    assertThat(capacity.needsWaiting()).isFalse();
    host.beforeWaiting = () -> {};
    waitingStarts.keep(List.of(spec("a")));
    assertThat(host.waiting).containsExactly("a");
  }

  @Test
  void whatAHostCannotKeepTakesNoMemory() {
    host.mostWaiting = 0;
    useAndStop("a");
    sandboxes.declare(SandboxesTest.spec("large", "1.0.0", ALL_MEMORY));
    sandboxes.lease("large", LeaseCaller.member("ada")).close();
    assertThat(host.live()).hasSize(1);
  }

  @Test
  void noneWaitsWhileTheMachineIsShortOfMemory() {
    useAndStop("a");
    awaitWaiting("a");
    memoryIsShort = true;
    awaitWaiting();
  }

  private static SandboxSpec spec(String name) {
    return SandboxesTest.spec(name, "1.0.0", MEMORY);
  }

  private void awaitWaiting(String... names) {
    await().untilAsserted(() -> assertThat(host.waiting).containsExactly(names));
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
