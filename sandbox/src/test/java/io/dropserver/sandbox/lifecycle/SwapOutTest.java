package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.SwapObstacle;
import io.dropserver.sandbox.lifecycle.FakeHost.FakeSandbox;
import io.dropserver.schema.instance.Limits;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the memory of sleeping sandboxes moves to swap, on a host without processes. */
@Timeout(60)
class SwapOutTest {
  private static final long MEMORY = 100L << 20;
  private static final long SWAPPED = FakeSandbox.RESIDENT_BYTES + SandboxRun.SLEEP_MARGIN_BYTES;

  private final FakeHost host = new FakeHost();
  private final SettableClock clock = new SettableClock();
  private Sandboxes sandboxes = sandboxes(true);

  private Sandboxes sandboxes(boolean swap) {
    return new Sandboxes(
        host,
        new LifecycleSettings(
            8, 2 * MEMORY, Duration.ofMillis(200), Duration.ofMillis(100), 0, swap),
        clock,
        new PreparationsTest.Silent());
  }

  @AfterEach
  void close() {
    sandboxes.close();
  }

  @Test
  void memoryInSwapMakesRoomForOthersBelowMaxMemory() {
    FakeSandbox first = asleep("a");
    await().untilAsserted(() -> assertThat(limit(first)).isEqualTo(SWAPPED));
    assertThat(first.frozen).isTrue();
    // Two sleepers of 90 MiB and one that is awake do not fit into 200 MiB.
    FakeSandbox second = asleep("b");
    await().untilAsserted(() -> assertThat(limit(second)).isEqualTo(SWAPPED));
    // The limit and the reserved memory are lowered under the lock that this needs.
    assertThat(sandboxes.isAsleep("b")).isTrue();
    sandboxes.declare(spec("c"));
    sandboxes.lease("c", LeaseCaller.MEMBER).close();
    assertThat(host.live()).hasSize(3);
  }

  @Test
  void aLeaseDoesNotWaitForTheSwapAndEndsIt() throws Exception {
    CountDownLatch slowDisk = new CountDownLatch(1);
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.MEMBER).close();
    FakeSandbox sandbox = host.last();
    sandbox.memoryBytes = 9 * MEMORY / 10;
    sandbox.duringReclaim = () -> awaitUninterruptibly(slowDisk);
    clock.advance(Duration.ofMinutes(6));
    await().until(() -> sandbox.reclaims.get() == 1);
    assertThat(sandbox.swapBytes).isEqualTo(MEMORY);

    sandboxes.lease("a", LeaseCaller.MEMBER).close();
    assertThat(sandbox.frozen).isFalse();
    assertThat(sandbox.swapBytes).isZero();
    slowDisk.countDown();
    await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
    assertThat(sandbox.reclaims).as("no further step").hasValue(1);
    assertThat(limit(sandbox)).as("the limit of a sandbox that is awake").isEqualTo(MEMORY);
  }

  @Test
  void aSandboxThatSleepsAgainIsOfferedAgainAfterTenMinutes() {
    FakeSandbox sandbox = asleep("a");
    await().untilAsserted(() -> assertThat(limit(sandbox)).isEqualTo(SWAPPED));
    int before = sandbox.reclaims.get();
    sandboxes.lease("a", LeaseCaller.MEMBER).close();
    sandbox.memoryBytes = MEMORY / 2;
    clock.advance(Duration.ofMinutes(6));
    await().until(() -> sandboxes.isAsleep("a"));
    await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
    assertThat(sandbox.reclaims).as("not written to the disk again").hasValue(before);
    clock.advance(Duration.ofMinutes(6));
    await().untilAsserted(() -> assertThat(limit(sandbox)).isEqualTo(SWAPPED));
  }

  /** A limit that was reduced meanwhile applies when the sandbox wakes up. */
  @Test
  void aReservationIsNeverBelowTheLimitThatTheKernelEnforces() {
    host.swapObstacle = Optional.of(SwapObstacle.NO_SWAP);
    FakeSandbox sandbox = asleep("a");
    long before = limit(sandbox);
    sandboxes.declare(SandboxesTest.spec("a", "1.0.0", MEMORY / 2));
    sandbox.duringReclaim = () -> sandbox.memoryBytes = 9 * MEMORY / 10;
    host.swapObstacle = Optional.empty();
    await().until(() -> sandbox.reclaims.get() > 0);
    assertThat(limit(sandbox)).isLessThanOrEqualTo(before);
    assertThat(host.live()).containsExactly(sandbox);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsOfferedUnlessTheOperatorWantsItAndTheMachineCan(boolean wanted) {
    sandboxes.close();
    sandboxes = sandboxes(wanted);
    if (wanted) {
      host.swapObstacle = Optional.of(SwapObstacle.NO_SWAP);
    }
    FakeSandbox sandbox = asleep("a");
    await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
    assertThat(sandbox.reclaims).hasValue(0);
    assertThat(sandbox.swapBytes).isZero();
  }

  /** The end of a sandbox in swap frees little memory. */
  @Test
  void whenTheMachineIsShortOfMemorySleepersInMemoryAreStoppedFirst() {
    sandboxes.close();
    AtomicBoolean memoryIsShort = new AtomicBoolean();
    sandboxes =
        new Sandboxes(
            host,
            new LifecycleSettings(
                8, 4 * MEMORY, Duration.ofMillis(200), Duration.ofMillis(100), 0, true),
            clock,
            new PreparationsTest.Silent(),
            new AwakeClaims(clock),
            () -> memoryIsShort.getAndSet(false)); // one sweep stops one sleeper
    FakeSandbox swapped = asleep("a");
    await().untilAsserted(() -> assertThat(limit(swapped)).isEqualTo(SWAPPED));
    host.swapObstacle = Optional.of(SwapObstacle.NO_SWAP);
    FakeSandbox inMemory = asleep("b");
    memoryIsShort.set(true);
    await().until(inMemory.exit::isDone);
    assertThat(swapped.exit).isNotDone();
  }

  private FakeSandbox asleep(String name) {
    sandboxes.declare(spec(name));
    sandboxes.lease(name, LeaseCaller.MEMBER).close();
    FakeSandbox sandbox = host.last();
    sandbox.memoryBytes = 8 * MEMORY / 10;
    clock.advance(Duration.ofMinutes(6));
    await().until(() -> sandboxes.isAsleep(name));
    return sandbox;
  }

  private static long limit(FakeSandbox sandbox) {
    return Optional.ofNullable(sandbox.limits).map(Limits::memoryBytes).orElse(MEMORY);
  }

  private static SandboxSpec spec(String name) {
    return SandboxesTest.spec(name, "1.0.0", MEMORY);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
