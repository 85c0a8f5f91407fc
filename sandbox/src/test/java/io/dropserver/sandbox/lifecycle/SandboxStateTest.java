package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.FakeHost.FakeSandbox;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transitions of one sandbox that meet each other, in an order that a race would choose. */
@Timeout(60)
class SandboxStateTest {
  private static final long MEMORY = 1 << 20;
  private static final SandboxSpec SPEC = SandboxesTest.spec("a", "1.0.0", MEMORY);
  private static final SandboxSpec OTHER = SandboxesTest.spec("a", "2.0.0", MEMORY);

  private final SettableClock clock = new SettableClock();
  private final Capacity capacity = new Capacity(1, MEMORY);
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final List<SandboxRun> outdated = new CopyOnWriteArrayList<>();
  private final FakeSandbox sandbox = new FakeSandbox(SPEC);
  private final SandboxState state =
      new SandboxState(
          "a",
          starter(),
          clock,
          new SandboxesTest.Recorder(events),
          new AwakeClaims(clock),
          Instant.EPOCH,
          outdated::add);

  private Starter starter() {
    FakeHost host = new FakeHost();
    WaitingStarts none = new WaitingStarts(host, capacity, 0);
    return new Starter(host, none, new Places(capacity, new RoomMaker(Map.of(), none), clock));
  }

  @Test
  void theCallerThatStartedItHasALeaseBeforeAnotherAppspaceCanTakeThePlace() {
    Lease lease = start().orElseThrow();
    assertThat(stopUnused()).isEmpty();
    assertThat(fallAsleep()).isEmpty();
    lease.close();
    assertThat(stopUnused()).isPresent();
  }

  @Test
  void theCallerThatWokeItHasALeaseAtOnceUnlessItsLimitsCannotBeApplied() {
    SandboxRun run = startAsleep();
    assertThat(state.awaitStep(0, LeaseCaller.member("ada")))
        .isEqualTo(new LeaseStep.WakeUp(SPEC, run));
    state.wokeUp(run, true, LeaseCaller.member("ada")).orElseThrow().close();
    assertThat(fallAsleep()).contains(run);
    state.settle(SandboxPhase.ASLEEP);
    assertThat(state.awaitStep(0, LeaseCaller.member("ada"))).isInstanceOf(LeaseStep.WakeUp.class);
    assertThat(state.wokeUp(run, false, LeaseCaller.member("ada"))).isEmpty();
    assertThat(outdated).containsExactly(run);
    assertThat(state.status().phase()).isEqualTo(SandboxPhase.STOPPING);
  }

  @Test
  void aSandboxWhoseSpecChangedOrLeftDuringItsStartIsStopped() {
    state.declare(SPEC);
    assertThat(state.awaitStep(0, LeaseCaller.member("ada"))).isEqualTo(new LeaseStep.Start(SPEC));
    state.declare(OTHER);
    assertThat(state.started(sandbox, SPEC, LeaseCaller.member("ada"))).isEmpty();
    assertThat(outdated).hasSize(1);
    state.stopped(outdated.getFirst());

    assertThat(state.awaitStep(0, LeaseCaller.member("ada"))).isEqualTo(new LeaseStep.Start(OTHER));
    assertThat(state.withdraw().spec()).contains(OTHER);
    assertThat(state.started(new FakeSandbox(OTHER), OTHER, LeaseCaller.member("ada"))).isEmpty();
    assertThat(outdated).hasSize(2);
    assertThatThrownBy(() -> state.awaitStep(0, LeaseCaller.member("ada")))
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.NOT_RUNNING);
  }

  @Test
  void aSandboxThatEndedBeforeItsStartWasSeenHasNoLeaseAndReleasesItsPlace() {
    sandbox.crash();
    assertThat(start()).isEmpty();
    assertThat(state.status().phase()).isEqualTo(SandboxPhase.NONE);
    assertThat(events).containsExactly("started a", "ended a EXITED");
    assertThat(capacity.free().memoryBytes()).isEqualTo(MEMORY);
  }

  @Test
  void anUnexpectedErrorEndsTheStartWithoutABackoff() {
    state.declare(SPEC);
    for (int start = 0; start < 3; start++) {
      assertThat(state.awaitStep(state.status().attempts(), LeaseCaller.member("ada")))
          .isInstanceOf(LeaseStep.Start.class);
      state.startFailed(new AssertionError("a defect"));
    }
    assertThat(state.status().isMissing()).isTrue();
    assertThat(events).isEmpty();
  }

  @Test
  void aWithdrawalWaitsUntilASleepHasEnded() throws Exception {
    start().orElseThrow().close();
    SandboxRun run = fallAsleep().orElseThrow();
    Waiting withdrawal = Waiting.in(state::withdraw);
    withdrawal.requireWaiting();
    assertThat(state.status().spec()).contains(SPEC);
    state.settle(SandboxPhase.ASLEEP);
    withdrawal.requireEnd();
    Waiting stop = Waiting.in(state::awaitStopped);
    stop.requireWaiting();
    state.stopped(run);
    stop.requireEnd();
  }

  @Test
  void aSandboxKilledWhileItFallsAsleepEndsAfterwards() throws Exception {
    start().orElseThrow().close();
    var _ = fallAsleep().orElseThrow();
    Waiting exit = Waiting.in(sandbox::crash);
    exit.requireWaiting();
    state.settle(SandboxPhase.ASLEEP);
    exit.requireEnd();
    assertThat(state.status().phase()).isEqualTo(SandboxPhase.NONE);
  }

  @Test
  void nothingElseBeginsDuringAStart() throws Exception {
    state.declare(SPEC);
    assertThat(state.status().isExpectedToStart()).isTrue();
    var _ = state.awaitStep(0, LeaseCaller.member("ada"));
    assertThat(state.status().isExpectedToStart()).isFalse();
    Waiting copy = Waiting.in(() -> state.beginWork(SandboxWork.COPY));
    copy.requireWaiting();
    state.startFailed(new SandboxException(SandboxReason.AT_CAPACITY, "full"));
    copy.requireEnd();
  }

  @Test
  void aCopyAndAReplacementExcludeEachOtherAndAStart() throws Exception {
    state.declare(SPEC);
    assertThat(state.beginWork(SandboxWork.COPY)).isEmpty();
    assertThat(state.status().isExpectedToStart()).isFalse();
    Waiting replacement = Waiting.in(() -> state.beginWork(SandboxWork.REPLACE));
    replacement.requireWaiting();
    state.endWork();
    replacement.requireEnd();
    Waiting start = Waiting.in(() -> state.awaitStep(0, LeaseCaller.member("ada")));
    start.requireWaiting();
    state.endWork();
    start.requireEnd();
    var _ = state.started(sandbox, SPEC, LeaseCaller.member("ada")).orElseThrow();
    assertThat(state.beginWork(SandboxWork.REPLACE)).isPresent();
    assertThat(state.status().phase()).isEqualTo(SandboxPhase.STOPPING);
  }

  @Test
  void aStopWaitsUntilTheDataIsCopied() throws Exception {
    start().orElseThrow().close();
    var _ = state.beginWork(SandboxWork.COPY).orElseThrow();
    assertThat(stopUnused()).isEmpty();
    state.declare(OTHER);
    assertThat(outdated).hasSize(1);
    Waiting stop = Waiting.in(state::awaitCopied);
    stop.requireWaiting();
    state.endWork();
    stop.requireEnd();
  }

  /** Starts the sandbox as the first caller does. */
  private Optional<Lease> start() {
    state.declare(SPEC);
    assertThat(state.awaitStep(state.status().attempts(), LeaseCaller.member("ada")))
        .isEqualTo(new LeaseStep.Start(SPEC));
    return state.started(sandbox, SPEC, LeaseCaller.member("ada"));
  }

  private Optional<SandboxRun> fallAsleep() {
    return state
        .begin(SandboxPhase.FALLING_ASLEEP, now -> now.canFallAsleep(Duration.ZERO))
        .flatMap(SandboxStatus::run);
  }

  private Optional<SandboxRun> stopUnused() {
    return state
        .begin(SandboxPhase.STOPPING, now -> now.canStop(Duration.ZERO))
        .flatMap(SandboxStatus::run);
  }

  private SandboxRun startAsleep() {
    start().orElseThrow().close();
    SandboxRun run = fallAsleep().orElseThrow();
    state.settle(SandboxPhase.ASLEEP);
    return run;
  }
}
