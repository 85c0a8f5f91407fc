package io.dropserver.sandbox.lifecycle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waits for a place, and what gives its place up. */
@Timeout(120)
class PlacesTest {
  private static final long MEMORY = 100L << 20;
  private static final LeaseCaller STRANGER = LeaseCaller.visitor("192.0.2.1");

  private final FakeHost host = new FakeHost();
  private final SettableClock clock = new SettableClock();
  private final AwakeClaims awake = new AwakeClaims(clock);
  private final Sandboxes sandboxes =
      new Sandboxes(
          host,
          new LifecycleSettings(2, 3 * MEMORY, Duration.ofMillis(200), Duration.ofMillis(100)),
          clock,
          new SandboxesTest.Recorder(new CopyOnWriteArrayList<>()),
          awake,
          () -> false);

  @AfterEach
  void close() {
    sandboxes.close();
  }

  private void declare(String... names) {
    for (String name : names) {
      sandboxes.declare(SandboxesTest.spec(name, "1.0.0", MEMORY));
    }
  }

  private CompletableFuture<Lease> later(String name, LeaseCaller caller) {
    return CompletableFuture.supplyAsync(
        () -> sandboxes.lease(name, caller), Thread::startVirtualThread);
  }

  private static SandboxReason reason(CompletableFuture<Lease> failed) {
    return (SandboxReason)
        failed.handle((_, e) -> requireNonNull((SandboxException) e.getCause()).reason()).join();
  }

  @Test
  void endlessStreamsOfVisitorsGiveTheirPlaceToAMemberAfterTenSeconds() {
    declare("a", "b", "diary");
    sandboxes.lease("a", STRANGER);
    sandboxes.lease("b", STRANGER);
    CompletableFuture<Lease> diary = later("diary", LeaseCaller.member("ada"));
    clock.advance(PlaceTimes.VISITOR.minusSeconds(1));
    assertThat(diary).isNotDone();
    clock.advance(Duration.ofSeconds(1));
    diary.join().close();
    assertThat(sandboxes.asleep()).isOne();
  }

  private void awaitWaiting(int requests) {
    await().until(() -> sandboxes.waitingForPlace() == requests);
  }

  @Test
  void aCallerThatLeavesNoLongerWaitsAndTakesNoPlace() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.member("ada"));
    sandboxes.lease("b", LeaseCaller.member("ada"));
    AtomicBoolean left = new AtomicBoolean();
    CompletableFuture<Lease> c =
        CompletableFuture.supplyAsync(
            () -> sandboxes.lease("c", LeaseCaller.member("ada"), left::get),
            Thread::startVirtualThread);
    awaitWaiting(1);
    left.set(true);
    awaitWaiting(0); // a decision that has begun may still count the request
    clock.advance(PlaceTimes.MEMBER);
    assertThat(reason(c)).isEqualTo(SandboxReason.NOT_RUNNING);
    assertThat(sandboxes.waitingForPlace()).isZero();
    assertThat(sandboxes.asleep()).as("no sandbox gave its place up").isZero();
  }

  @Test
  void aRemovedAppspaceNoLongerWaitsAndTakesNoPlace() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.member("ada"));
    sandboxes.lease("b", LeaseCaller.member("ada"));
    CompletableFuture<Lease> c = later("c", LeaseCaller.member("ada"));
    awaitWaiting(1);
    sandboxes.withdraw("c");
    awaitWaiting(0);
    clock.advance(PlaceTimes.MEMBER);
    assertThat(reason(c)).isEqualTo(SandboxReason.NOT_RUNNING);
    assertThat(sandboxes.asleep()).as("no sandbox gave its place up").isZero();
  }

  /** It waits for the place that it needs now. */
  @Test
  void anAppspaceWhoseMemoryLimitChangesWaitsForTheNewOne() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.member("ada"));
    sandboxes.lease("b", LeaseCaller.member("ada"));
    CompletableFuture<Lease> c = later("c", LeaseCaller.member("ada"));
    awaitWaiting(1);
    sandboxes.declare(SandboxesTest.spec("c", "1.0.0", 2 * MEMORY));
    clock.advance(PlaceTimes.MEMBER);
    await().until(c::isDone);
    assertThat(c.join().address()).isNotNull();
  }

  /** A copy can take long, and the frozen sandbox does not use its place meanwhile. */
  @Test
  void aSandboxWhoseDataIsCopiedGivesItsPlaceUpButItsMemoryOnlyAfterwards() {
    declare("a", "b", "c");
    sandboxes.declare(SandboxesTest.spec("large", "1.0.0", 2 * MEMORY));
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    sandboxes.lease("b", LeaseCaller.member("ada"));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch copied = new CountDownLatch(1);
    Runnable work =
        () -> {
          begun.countDown();
          await().until(() -> copied.getCount() == 0);
        };
    CompletableFuture<Boolean> copy =
        CompletableFuture.supplyAsync(
            () -> sandboxes.whileFrozen("a", work), Thread::startVirtualThread);
    await().until(() -> begun.getCount() == 0);
    sandboxes.lease("c", LeaseCaller.member("ada")).close();
    assertThat(sandboxes.isAsleep("a")).isTrue();
    assertThat(copy).isNotDone();

    CompletableFuture<Lease> large = later("large", LeaseCaller.member("ada"));
    awaitWaiting(1);
    clock.advance(PlaceTimes.MEMBER.minusSeconds(1));
    assertThat(sandboxes.running("a")).as("its data is copied").isPresent();
    copied.countDown();
    assertThat(copy.join()).isTrue();
    large.join().close();
    assertThat(sandboxes.running("a")).isEmpty();
    sandboxes.withdraw("large");
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
  }

  /** Each instant without a lease was a new beginning once. */
  @Test
  void pausesOfVisitorsDoNotProlongTheirTime() {
    declare("a", "b", "diary");
    List<Lease> streams = new ArrayList<>();
    streams.add(sandboxes.lease("a", STRANGER));
    streams.add(sandboxes.lease("b", STRANGER));
    clock.advance(Duration.ofSeconds(12));
    streams.forEach(Lease::close);
    clock.advance(Duration.ofMillis(5));
    sandboxes.lease("a", STRANGER);
    sandboxes.lease("b", STRANGER);
    clock.advance(PlaceTimes.VISITOR_WITHOUT_ALLOWANCE);
    later("diary", LeaseCaller.member("ada")).join().close();
  }

  @Test
  void membersGiveTheirPlacesToAMemberAfterAMinuteAndGetThemBack() {
    declare("a", "b", "diary");
    Lease first = sandboxes.lease("a", LeaseCaller.member("ada"));
    Lease second = sandboxes.lease("b", LeaseCaller.member("ada"));
    CompletableFuture<Lease> diary = later("diary", LeaseCaller.member("ada"));
    clock.advance(PlaceTimes.MEMBER.minusSeconds(1));
    assertThat(diary).isNotDone();
    clock.advance(Duration.ofSeconds(1));
    diary.join();
    String displaced = sandboxes.isAsleep("a") ? "a" : "b";
    await()
        .until(
            () -> {
              clock.advance(Duration.ofSeconds(1)); // the other one's minute is over at once
              return !sandboxes.isAsleep(displaced);
            });
    assertThat(host.starts()).as("its stream goes on in the same process").isEqualTo(3);
    first.close();
    second.close();
  }

  @Test
  void aJobGivesItsPlaceToAVisitorAfterAMinute() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.JOB);
    Lease member = sandboxes.lease("b", LeaseCaller.member("ada"));
    clock.advance(PlaceTimes.JOB);
    later("c", STRANGER).join();
    assertThat(sandboxes.isAsleep("a")).isTrue();
    member.close();
  }

  @Test
  void aStartThatFindsNoPlaceIsRefusedAfterTheTimeThatThePageNames() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.member("ada"));
    sandboxes.lease("b", LeaseCaller.member("ada"));
    CompletableFuture<Lease> visitor = later("c", STRANGER);
    awaitWaiting();
    clock.advance(STRANGER.kind().longestWait());
    assertThat(reason(visitor)).isEqualTo(SandboxReason.AT_CAPACITY);
  }

  @Test
  void aMemberOfManyAppspacesTakesTurnsWithOthers() {
    declare("a", "b", "c", "d", "e");
    LeaseCaller many = LeaseCaller.member("bob");
    sandboxes.lease("a", many);
    sandboxes.lease("b", many);
    CompletableFuture<Lease> first = later("c", many);
    awaitWaiting(1);
    CompletableFuture<Lease> second = later("d", many);
    awaitWaiting(2);
    CompletableFuture<Lease> other = later("e", LeaseCaller.member("ada"));
    awaitWaiting(3);
    clock.advance(PlaceTimes.MEMBER);
    first.join();
    Lease granted = other.join();
    assertThat(second).isNotDone();
    granted.close();
    second.join();
  }

  @Test
  void theRequestsThatWaitAreBoundedForEachClient() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.member("ada"));
    sandboxes.lease("b", LeaseCaller.member("ada"));
    List<CompletableFuture<Lease>> waiting =
        IntStream.rangeClosed(0, PlaceQueue.MAX_WAITING_OF_CLIENT)
            .mapToObj(_ -> later("c", STRANGER))
            .toList();
    await().until(() -> waiting.stream().filter(CompletableFuture::isDone).count() == 1);
    assertThat(reason(waiting.stream().filter(CompletableFuture::isDone).findAny().orElseThrow()))
        .isEqualTo(SandboxReason.AT_CAPACITY);
    clock.advance(STRANGER.kind().longestWait());
    waiting.forEach(each -> assertThat(reason(each)).isEqualTo(SandboxReason.AT_CAPACITY));
  }

  @Test
  void aChangeAndARemovalDoNotWaitForARequestThatWaits() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.member("ada"));
    sandboxes.lease("b", LeaseCaller.member("ada"));
    CompletableFuture<Lease> waiting = later("c", LeaseCaller.member("ada"));
    awaitWaiting();
    sandboxes.declare(SandboxesTest.spec("c", "2.0.0", MEMORY));
    sandboxes.withdraw("c");
    awaitWaiting(0);
    clock.advance(PlaceTimes.MEMBER);
    assertThat(reason(waiting)).isEqualTo(SandboxReason.NOT_RUNNING);
    later("a", LeaseCaller.member("ada")).join();
  }

  @Test
  void aVersionChangeWaitsForAPlaceWhileThePreviousOneServes() {
    declare("a", "b", "c");
    sandboxes.lease("a", STRANGER);
    sandboxes.lease("b", STRANGER);
    SandboxSpec next = SandboxesTest.spec("c", "2.0.0", MEMORY);
    CompletableFuture<Void> change =
        CompletableFuture.runAsync(() -> sandboxes.replace(next), Thread::startVirtualThread);
    clock.advance(PlaceTimes.VISITOR);
    // The host of this test runs no app that could answer, so the change ends after the start.
    assertThatThrownBy(change::join)
        .satisfies(
            e ->
                assertThat(requireNonNull((SandboxException) e.getCause()).reason())
                    .isEqualTo(SandboxReason.HEALTH_CHECK_FAILED));
    assertThat(host.starts()).isEqualTo(3);
  }

  @Test
  void closingRefusesWhatWaits() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.member("ada"));
    sandboxes.lease("b", LeaseCaller.member("ada"));
    CompletableFuture<Lease> waiting = later("c", LeaseCaller.member("ada"));
    awaitWaiting();
    sandboxes.close();
    assertThat(reason(waiting)).isEqualTo(SandboxReason.SERVER_STOPS);
  }

  /** Waits until the request for "c" waits for a place. */
  private void awaitWaiting() {
    await().until(() -> sandboxes.waitingForPlace() > 0);
  }
}
