package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.Limits;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.testing.SettableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SandboxesTest {
  private static final long MEMORY = 100L << 20;

  private final FakeHost host = new FakeHost();
  private final SettableClock clock = new SettableClock();
  private final AwakeClaims awake = new AwakeClaims(clock);
  private final List<String> events = new CopyOnWriteArrayList<>();
  private volatile boolean memoryIsShort;

  /** Counts the beginnings of sweeps. */
  private final AtomicInteger sweeps = new AtomicInteger();

  private final Sandboxes sandboxes =
      new Sandboxes(
          host,
          new LifecycleSettings(2, 3 * MEMORY, Duration.ofMillis(200), Duration.ofMillis(100)),
          clock,
          new Recorder(events),
          awake,
          () -> {
            sweeps.incrementAndGet();
            return memoryIsShort;
          });

  @AfterEach
  void close() {
    sandboxes.close();
    assertThat(host.live()).isEmpty();
  }

  @Test
  void concurrentLeasesShareOneStart() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    host.gate = gate;
    sandboxes.declare(spec("a"));
    List<CompletableFuture<Lease>> leases =
        IntStream.range(0, 20).mapToObj(number -> leaseLater("a")).toList();
    gate.countDown();
    for (CompletableFuture<Lease> lease : leases) {
      assertThat(lease.get().generation()).isEqualTo(1);
    }
    assertThat(host.starts()).isEqualTo(1);
  }

  @Test
  void theEndOfABackupDoesNotThawASandboxFrozenForTheDisk() {
    SandboxSpec spec = spec("a");
    sandboxes.declare(spec);
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    sandboxes.freezeForDisk(spec.dataFolder());
    try {
      sandboxes.whileFrozen("a", () -> assertThat(host.last().frozen).isTrue());
      assertThat(host.last().frozen).isTrue();
    } finally {
      sandboxes.thawForDisk(spec.dataFolder()); // else it cannot be stopped after a failure
    }
    assertThat(host.last().frozen).isFalse();
  }

  @Test
  void aSandboxFrozenForTheDiskIsStoppedOnlyAfterTheThaw() {
    SandboxSpec spec = spec("a");
    sandboxes.declare(spec);
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    sandboxes.freezeForDisk(spec.dataFolder());
    CompletableFuture<Void> stop = CompletableFuture.runAsync(() -> sandboxes.withdraw("a"));

    assertThatThrownBy(() -> stop.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    sandboxes.thawForDisk(spec.dataFolder());
    assertThat(stop).succeedsWithin(Duration.ofSeconds(20));
  }

  @Test
  void aFailedStartIsReportedToAllWaitingRequests() {
    CountDownLatch gate = new CountDownLatch(1);
    host.gate = gate;
    host.failure = new SandboxException(SandboxReason.APP_FAILED, "no such moon");
    sandboxes.declare(spec("a"));
    List<CompletableFuture<Lease>> leases =
        IntStream.range(0, 5).mapToObj(number -> leaseLater("a")).toList();
    gate.countDown();
    assertThat(leases)
        .allSatisfy(
            lease -> assertThatThrownBy(lease::get).hasRootCauseInstanceOf(SandboxException.class));
  }

  @Test
  void theFirstCrashRestartsAtOnceAndTheNextWait() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    host.last().crash();
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    host.last().crash();
    assertThatThrownBy(() -> sandboxes.lease("a", LeaseCaller.member("ada")))
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.BACKOFF);
    clock.advance(Duration.ofSeconds(2));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.starts()).isEqualTo(3);
    assertThat(events).filteredOn(event -> event.startsWith("ended")).hasSize(2);
  }

  @Test
  void anUnresponsiveReplacementKeepsThePreviousSpec() {
    SandboxSpec before = spec("a");
    sandboxes.declare(before);
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    SandboxSpec next = before.withData(Path.of("/elsewhere"), before.uid(), before.app());
    assertThatThrownBy(() -> sandboxes.replace(next))
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.HEALTH_CHECK_FAILED);
    assertThat(host.live()).as("neither runs").isEmpty();
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.last().spec()).isEqualTo(before);
    assertThat(sandboxes.spec("a")).contains(before);
  }

  @Test
  void requestsDuringAReplacementWaitAndAreNotRefused() throws Exception {
    SandboxSpec before = spec("a");
    sandboxes.declare(before);
    Lease held = sandboxes.lease("a", LeaseCaller.member("ada"));
    SandboxSpec next = before.withData(Path.of("/elsewhere"), before.uid(), before.app());
    CompletableFuture<Void> replacing = CompletableFuture.runAsync(() -> sandboxes.replace(next));
    await().until(() -> sandboxes.running("a").isEmpty());
    CompletableFuture<Lease> waiting = leaseLater("a");
    held.close();
    assertThatThrownBy(replacing::join).hasRootCauseInstanceOf(SandboxException.class);
    waiting.get().close();
    assertThat(host.last().spec()).isEqualTo(before);
  }

  @Test
  void aLeaseReportsWhetherItsProcessHasEnded() {
    sandboxes.declare(spec("a"));
    Lease lease = sandboxes.lease("a", LeaseCaller.member("ada"));
    assertThat(lease.awaitEnd(Duration.ofMillis(1))).isFalse();
    lease.close();
    host.last().crash();
    assertThat(lease.awaitEnd(Duration.ofSeconds(10))).isTrue();
    try (Lease next = sandboxes.lease("a", LeaseCaller.member("ada"))) {
      assertThat(next.generation()).isNotEqualTo(lease.generation());
    }
  }

  @Test
  void aNewSpecEndsTheBackoff() {
    host.failure = new SandboxException(SandboxReason.APP_FAILED, "broken");
    sandboxes.declare(spec("a"));
    assertThatThrownBy(() -> sandboxes.lease("a", LeaseCaller.member("ada")))
        .hasMessageContaining("broken");
    assertThatThrownBy(() -> sandboxes.lease("a", LeaseCaller.member("ada")))
        .hasMessageContaining("broken");
    assertThatThrownBy(() -> sandboxes.lease("a", LeaseCaller.member("ada")))
        .hasMessageContaining("next try");
    host.failure = null;
    sandboxes.declare(spec("a", "2.0.0", MEMORY));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
  }

  @Test
  void anotherSpecDrainsTheOldAndTheNextLeaseGetsTheNew() {
    LifecycleSettings patient =
        new LifecycleSettings(2, 3 * MEMORY, Duration.ofMinutes(2), Duration.ofMillis(100));
    try (Sandboxes draining =
        new Sandboxes(host, patient, clock, new Recorder(events), awake, () -> false)) {
      draining.declare(spec("a"));
      Lease old = draining.lease("a", LeaseCaller.member("ada"));
      draining.declare(spec("a", "2.0.0", MEMORY));
      CompletableFuture<Lease> next =
          CompletableFuture.supplyAsync(
              () -> draining.lease("a", LeaseCaller.member("ada")), Thread::startVirtualThread);
      assertThat(host.live()).hasSize(1);
      old.close();
      try (Lease lease = next.join()) {
        assertThat(lease.generation()).isEqualTo(2);
      }
      assertThat(host.last().spec().app().version()).isEqualTo("2.0.0");
    }
  }

  @Test
  void aLeaseThatIsNeverClosedDelaysAReplacementOnlyForTheDrainTimeout() {
    sandboxes.declare(spec("a"));
    var _ = sandboxes.lease("a", LeaseCaller.member("ada"));
    sandboxes.declare(spec("a", "2.0.0", MEMORY));
    assertThat(leaseLater("a").join().generation()).isEqualTo(2);
  }

  @Test
  void limitsAloneAreAppliedToTheRunningSandbox() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    sandboxes.declare(spec("a", "1.0.0", 2 * MEMORY));
    assertThat(host.live()).hasSize(1);
    assertThat(host.last().limits).isNotNull();
    assertThat(sandboxes.lease("a", LeaseCaller.member("ada")).generation()).isEqualTo(1);
  }

  @Test
  void anotherEgressPolicyIsAppliedToTheRunningSandboxAtOnce() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    EgressPolicy other =
        new EgressPolicy(
            List.of(), List.of(), Collections.unmodifiableSortedSet(new TreeSet<>(Set.of("b"))));
    sandboxes.declare(spec("a").withEgress(other));
    assertThat(host.live()).hasSize(1);
    assertThat(host.last().policies.getLast()).isEqualTo(other);
    assertThat(sandboxes.lease("a", LeaseCaller.member("ada")).generation()).isEqualTo(1);
  }

  @Test
  void limitsThatTheRunningSandboxCannotTakeReplaceIt() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    host.last().refusesLimits = true;
    sandboxes.declare(spec("a", "1.0.0", MEMORY / 2));
    assertThat(leaseLater("a").join().generation()).isEqualTo(2);
  }

  @Test
  void theSameSpecAgainChangesNothing() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    sandboxes.declare(spec("a"));
    assertThat(sandboxes.lease("a", LeaseCaller.member("ada")).generation()).isEqualTo(1);
  }

  @Test
  void anIdleSandboxSleepsAndTheNextLeaseWakesIt() {
    sandboxes.declare(spec("a"));
    Lease lease = sandboxes.lease("a", LeaseCaller.member("ada"));
    clock.advance(Duration.ofMinutes(6));
    awaitSweep();
    assertThat(host.last().frozen).as("in use").isFalse();
    lease.close();
    clock.advance(Duration.ofMinutes(6));
    awaitAsleep("a");
    assertThat(host.last().frozen).isTrue();
    try (Lease next = sandboxes.lease("a", LeaseCaller.member("ada"))) {
      assertThat(host.last().frozen).isFalse();
      assertThat(next.generation()).as("old connections are not used").isEqualTo(2);
    }
    assertThat(host.starts()).isEqualTo(1);
  }

  @Test
  void aSleepingSandboxIsStoppedAfterLongAndTheNextLeaseStartsItAgain() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    clock.advance(Duration.ofMinutes(6));
    awaitAsleep("a");
    clock.advance(Duration.ofDays(7));
    await().until(() -> host.live().isEmpty());
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.starts()).isEqualTo(2);
  }

  @Test
  void aSleepingSandboxMayUseLittleMoreMemoryThanItKept() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    host.last().memoryBytes = MEMORY / 4;
    clock.advance(Duration.ofMinutes(6));
    awaitAsleep("a");
    assertThat(host.last().limits)
        .extracting(Limits::memoryBytes)
        .isEqualTo(MEMORY / 4 + SandboxRun.SLEEP_MARGIN_BYTES);
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.last().limits).extracting(Limits::memoryBytes).isEqualTo(MEMORY);
  }

  @Test
  void limitsThatASleepingSandboxCannotTakeReplaceItWhenItWakesUp() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    clock.advance(Duration.ofMinutes(6));
    awaitAsleep("a");
    host.last().refusesLimits = true;
    sandboxes.declare(spec("a", "1.0.0", MEMORY / 2));
    assertThat(host.starts()).isEqualTo(1);
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.starts()).isEqualTo(2);
    assertThat(host.live()).hasSize(1);
  }

  @Test
  void aSandboxThatCannotBeFrozenStaysAwake() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    host.last().cannotFreeze = true;
    clock.advance(Duration.ofMinutes(6));
    awaitSweep();
    assertThat(sandboxes.isAsleep("a")).isFalse();
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.starts()).isEqualTo(1);
  }

  @Test
  void aBackupOfASleepingSandboxLeavesItAsleep() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    clock.advance(Duration.ofMinutes(6));
    awaitAsleep("a");
    sandboxes.whileFrozen("a", () -> assertThat(host.last().frozen).isTrue());
    assertThat(host.last().frozen).isTrue();
    sandboxes.whileFrozen(
        "a",
        () -> {
          sandboxes.lease("a", LeaseCaller.member("ada")).close();
          assertThat(host.last().frozen).as("awake, but being copied").isTrue();
        });
    assertThat(host.last().frozen).isFalse();
  }

  @Test
  void aChangeOrAWithdrawalEndsASleepingSandbox() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    clock.advance(Duration.ofMinutes(6));
    awaitAsleep("a");
    sandboxes.declare(spec("a", "2.0.0", MEMORY));
    await().until(() -> host.live().isEmpty());
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    clock.advance(Duration.ofMinutes(6));
    awaitAsleep("a");
    sandboxes.withdraw("a");
    assertThat(host.live()).isEmpty();
  }

  @Test
  void aSleepingSandboxThatIsKilledIsStartedAgain() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    clock.advance(Duration.ofMinutes(6));
    awaitAsleep("a");
    host.last().crash();
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.starts()).isEqualTo(2);
  }

  @Test
  void manyThreadsThatLeaseAndPutToSleepAlwaysMeetAnAwakeSandbox() throws Exception {
    sandboxes.declare(spec("a"));
    List<CompletableFuture<Void>> clients =
        IntStream.range(0, 8)
            .mapToObj(
                _ ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int i = 0; i < 500; i++) {
                            clock.advance(Duration.ofMinutes(1));
                            try (Lease _ = sandboxes.lease("a", LeaseCaller.member("ada"))) {
                              assertThat(host.last().frozen).isFalse();
                            }
                            sandboxes.rest("a");
                          }
                        },
                        Thread::startVirtualThread))
            .toList();
    for (CompletableFuture<Void> client : clients) {
      client.get();
    }
    assertThat(host.starts()).isEqualTo(1);
  }

  @Test
  void whenTheMachineIsShortOfMemorySleepersAreStoppedAndNothingElse() {
    sandboxes.declare(spec("a"));
    sandboxes.declare(spec("b"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    clock.advance(Duration.ofMinutes(6));
    awaitAsleep("a");
    sandboxes.lease("b", LeaseCaller.member("ada")).close();
    memoryIsShort = true;
    await().until(() -> host.live().size() == 1);
    awaitSweep();
    assertThat(host.live()).extracting(it -> it.spec().appspace()).containsExactly("b");
  }

  @Test
  void sleepersKeepTheirMemoryUntilItIsNeededAndTheLongestAsleepIsStoppedFirst() {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      sandboxes.declare(spec(name));
    }
    for (String name : List.of("a", "b", "c", "d")) {
      sandboxes.lease(name, LeaseCaller.member("ada")).close();
      host.of(name).memoryBytes = MEMORY / 2;
      clock.advance(Duration.ofSeconds(1));
    }
    // Two are awake with 100 MiB each, and one sleeps with 66; the first had to be stopped.
    assertThat(host.live()).extracting(it -> it.spec().appspace()).containsExactly("b", "c", "d");
    assertThat(sandboxes.isAsleep("b")).isTrue();
    Lease used = sandboxes.lease("d", LeaseCaller.member("ada"));
    sandboxes.lease("e", LeaseCaller.member("ada")).close();
    assertThat(host.live()).extracting(it -> it.spec().appspace()).containsExactly("c", "d", "e");
    used.close();
  }

  @Test
  void aSandboxWhoseDataIsBeingCopiedIsNotStoppedForRoom() {
    for (String name : List.of("a", "b", "c", "d")) {
      sandboxes.declare(spec(name));
    }
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    clock.advance(Duration.ofSeconds(1));
    sandboxes.lease("b", LeaseCaller.member("ada")).close();
    Lease _ = sandboxes.lease("c", LeaseCaller.member("ada"));
    sandboxes.whileFrozen("a", () -> sandboxes.lease("d", LeaseCaller.member("ada")).close());
    assertThat(host.live()).extracting(it -> it.spec().appspace()).containsExactly("a", "c", "d");
  }

  @Test
  void anAppThatKeepsItselfAwakeDoesNotSleep() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    String claim = awake.begin("a").orElseThrow();
    clock.advance(Duration.ofMinutes(6));
    awaitSweep();
    assertThat(host.last().frozen).isFalse();
    awake.end("a", claim);
    awaitAsleepAfterWork("a");
  }

  @Test
  void anEndlessClaimEndsAfterTenMinutesAndItsSandboxSleepsForRoomBefore() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(awake.begin("a")).isPresent();
    sandboxes.declare(spec("b"));
    sandboxes.declare(spec("c"));
    Lease used = sandboxes.lease("b", LeaseCaller.member("ada"));
    Lease _ = sandboxes.lease("c", LeaseCaller.member("ada"));
    assertThat(host.of("a").frozen).isTrue();
    awaitSweep();
    assertThat(host.of("a").frozen).as("there is no room for it").isTrue();
    used.close();
    sandboxes.withdraw("b");
    await().until(() -> !host.of("a").frozen);
  }

  private void awaitAsleep(String appspace) {
    await().until(() -> sandboxes.isAsleep(appspace));
  }

  /** Waits until a sweep has begun, and for the next one, so that the first has ended. */
  private void awaitSweep() {
    int before = sweeps.get();
    await().until(() -> sweeps.get() >= before + 2);
  }

  /**
   * Lets time pass until the sandbox sleeps. Once may be too little: a sweep that began before the
   * end of the work counts its time as use.
   */
  private void awaitAsleepAfterWork(String appspace) {
    await()
        .until(
            () -> {
              clock.advance(Duration.ofMinutes(6));
              sandboxes.rest(appspace);
              return sandboxes.isAsleep(appspace);
            });
  }

  @Test
  void aSandboxThatIsNeverIdleStartsWithoutARequestAndIsNotStopped() {
    sandboxes.declare(neverIdle("a"));
    await().until(() -> host.live().size() == 1);
    clock.advance(Duration.ofDays(400));
    awaitSweep();
    assertThat(host.starts()).isEqualTo(1);
    assertThat(host.live()).hasSize(1);
  }

  @Test
  void aSandboxThatIsNeverIdleIsTheLastToSleepForRoomAndWakesWhenThereIsRoom() {
    sandboxes.declare(neverIdle("a"));
    await().until(() -> host.live().size() == 1);
    clock.advance(Duration.ofSeconds(1));
    sandboxes.declare(spec("b"));
    sandboxes.declare(spec("c"));
    sandboxes.lease("b", LeaseCaller.member("ada")).close();
    Lease used = sandboxes.lease("c", LeaseCaller.member("ada"));
    assertThat(host.of("a").frozen).isFalse();
    assertThat(host.of("b").frozen).isTrue();
    Lease second = sandboxes.lease("b", LeaseCaller.member("ada"));
    assertThat(host.of("a").frozen).isTrue();
    used.close();
    second.close();
    sandboxes.withdraw("b");
    await().until(() -> !host.of("a").frozen);
  }

  private static SandboxSpec neverIdle(String name) {
    SandboxSpec spec = spec(name);
    Limits limits = spec.limits();
    return spec.withLimits(
        new Limits(
            limits.memoryBytes(),
            limits.cpuMillis(),
            limits.processes(),
            limits.storageBytes(),
            limits.requestTimeout(),
            Limits.NEVER,
            limits.stopAfter(),
            limits.requestBodyBytes(),
            limits.egress()));
  }

  @Test
  void atTheBoundTheLongestIdleSleepsAndNeverOneInUse() {
    for (String name : List.of("a", "b", "c")) {
      sandboxes.declare(spec(name));
    }
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    clock.advance(Duration.ofSeconds(1));
    Lease used = sandboxes.lease("b", LeaseCaller.member("ada"));
    Lease third = sandboxes.lease("c", LeaseCaller.member("ada"));
    assertThat(host.live()).filteredOn(it -> it.frozen).containsExactly(host.of("a"));
    assertThatThrownBy(() -> sandboxes.lease("a", LeaseCaller.BACKGROUND))
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.AT_CAPACITY);
    used.close();
    third.close();
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.starts()).isEqualTo(3);
  }

  @Test
  void theMemoryOfAllTogetherIsBounded() {
    sandboxes.declare(spec("a", "1.0.0", 2 * MEMORY));
    sandboxes.declare(spec("b", "1.0.0", 2 * MEMORY));
    var _ = sandboxes.lease("a", LeaseCaller.member("ada"));
    assertThatThrownBy(() -> sandboxes.lease("b", LeaseCaller.BACKGROUND))
        .hasMessageContaining("sandbox.maxMemory");
  }

  @Test
  void anAppspaceThatCanNeverStartSaysSoBeforeItsFirstRequest() {
    sandboxes.declare(spec("a", "1.0.0", 4 * MEMORY));
    sandboxes.declare(spec("a", "1.0.0", 4 * MEMORY));
    assertThat(events).containsExactly("failed a MemoryAboveMaximum");
    assertThatThrownBy(() -> sandboxes.lease("a", LeaseCaller.member("ada")))
        .hasMessageContaining("can never start: its memory limit of 400 MiB")
        .hasMessageContaining("sandbox.maxMemory, which is 300 MiB");

    sandboxes.declare(spec("a", "1.0.0", MEMORY));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(events).endsWith("void a", "started a");
  }

  @Test
  void aStartThatFailsUnexpectedlyKeepsNoPlace() {
    host.failure = new IllegalStateException("a defect");
    for (String name : List.of("a", "b")) {
      sandboxes.declare(spec(name));
      assertThatThrownBy(() -> sandboxes.lease(name, LeaseCaller.member("ada")))
          .hasMessage("a defect");
    }
    host.failure = null;
    for (String name : List.of("c", "d")) {
      sandboxes.declare(spec(name));
      var _ = sandboxes.lease(name, LeaseCaller.member("ada"));
    }
    assertThat(host.live()).hasSize(2);
  }

  @Test
  void aWithdrawnAppspaceIsStoppedAndHasNoLeases() {
    sandboxes.declare(spec("a"));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    sandboxes.withdraw("a");
    assertThat(host.live()).isEmpty();
    assertThatThrownBy(() -> sandboxes.lease("a", LeaseCaller.member("ada")))
        .isInstanceOf(SandboxException.class);
    assertThat(events).containsExactly("started a", "stopped a");
  }

  @Test
  void aWithdrawalDuringTheStartEndsIt() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    host.gate = gate;
    sandboxes.declare(spec("a"));
    CompletableFuture<Lease> lease = leaseLater("a");
    CompletableFuture<Void> withdrawal =
        CompletableFuture.runAsync(() -> sandboxes.withdraw("a"), Thread::startVirtualThread);
    gate.countDown();
    withdrawal.get();
    assertThat(host.live()).isEmpty();
    assertThat(lease)
        .satisfiesAnyOf(
            it -> assertThatThrownBy(it::get).hasRootCauseInstanceOf(SandboxException.class),
            it -> assertThat(it.get()).isNotNull());
  }

  private CompletableFuture<Lease> leaseLater(String name) {
    return CompletableFuture.supplyAsync(
        () -> sandboxes.lease(name, LeaseCaller.member("ada")), Thread::startVirtualThread);
  }

  private static SandboxSpec spec(String name) {
    return spec(name, "1.0.0", MEMORY);
  }

  static SandboxSpec spec(String name, String version, long memory) {
    Path nowhere = Path.of("/nowhere");
    DropappManifest dropappManifest =
        new DropappManifest(
            "Test",
            "",
            version,
            "main.ts",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            DataSchema.UNNAMED,
            LaunchOptions.DEFAULT);
    return new SandboxSpec(
        name,
        new InstalledApp(
            name,
            version,
            "tree",
            nowhere,
            nowhere,
            nowhere,
            dropappManifest,
            AppRuntime.FETCH,
            Optional.empty()),
        nowhere,
        70_000,
        "https://" + name + ".example.org",
        new TreeMap<>(),
        new Limits(
            memory,
            500,
            64,
            1 << 20,
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Limits.DEFAULT.stopAfter(),
            Limits.DEFAULT.requestBodyBytes(),
            Limits.AppspaceEgressLimits.DEFAULT),
        Isolation.NAMESPACES,
        EgressPolicy.NOTHING);
  }

  /** Adds a line for each event. */
  record Recorder(List<String> events) implements SandboxEvents {
    @Override
    public void started(String appspace) {
      events.add("started " + appspace);
    }

    @Override
    public void stopped(String appspace) {
      events.add("stopped " + appspace);
    }

    @Override
    public void ended(String appspace, Exit exit) {
      events.add("ended " + appspace + " " + exit.reason());
    }

    @Override
    public void startFailed(String appspace, Reason reason, String message) {
      events.add("failed " + appspace + " " + reason.text());
    }

    @Override
    public void failureVoid(String appspace) {
      events.add("void " + appspace);
    }
  }
}
