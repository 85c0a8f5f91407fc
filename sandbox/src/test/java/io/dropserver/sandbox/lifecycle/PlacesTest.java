package io.dropserver.sandbox.lifecycle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.status.SandboxReason;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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
    CompletableFuture<Lease> diary = later("diary", LeaseCaller.MEMBER);
    clock.advance(PlaceTimes.VISITOR.minusSeconds(1));
    assertThat(diary).isNotDone();
    clock.advance(Duration.ofSeconds(1));
    diary.join().close();
    assertThat(sandboxes.asleep()).isOne();
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
    later("diary", LeaseCaller.MEMBER).join().close();
  }

  @Test
  void membersGiveTheirPlacesToAMemberAfterAMinuteAndGetThemBack() {
    declare("a", "b", "diary");
    Lease first = sandboxes.lease("a", LeaseCaller.MEMBER);
    Lease second = sandboxes.lease("b", LeaseCaller.MEMBER);
    CompletableFuture<Lease> diary = later("diary", LeaseCaller.MEMBER);
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
    Lease member = sandboxes.lease("b", LeaseCaller.MEMBER);
    clock.advance(PlaceTimes.JOB);
    later("c", STRANGER).join();
    assertThat(sandboxes.isAsleep("a")).isTrue();
    member.close();
  }

  @Test
  void aStartThatFindsNoPlaceIsRefusedAfterTheTimeThatThePageNames() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.MEMBER);
    sandboxes.lease("b", LeaseCaller.MEMBER);
    CompletableFuture<Lease> visitor = later("c", STRANGER);
    awaitWaiting();
    clock.advance(STRANGER.kind().longestWait());
    assertThat(reason(visitor)).isEqualTo(SandboxReason.AT_CAPACITY);
  }

  @Test
  void theRequestsThatWaitAreBoundedForEachClient() {
    declare("a", "b", "c");
    sandboxes.lease("a", LeaseCaller.MEMBER);
    sandboxes.lease("b", LeaseCaller.MEMBER);
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
    sandboxes.lease("a", LeaseCaller.MEMBER);
    sandboxes.lease("b", LeaseCaller.MEMBER);
    CompletableFuture<Lease> waiting = later("c", LeaseCaller.MEMBER);
    awaitWaiting();
    sandboxes.declare(SandboxesTest.spec("c", "2.0.0", MEMORY));
    sandboxes.withdraw("c");
    clock.advance(PlaceTimes.MEMBER);
    assertThat(reason(waiting)).isEqualTo(SandboxReason.NOT_RUNNING);
    later("a", LeaseCaller.MEMBER).join();
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
    sandboxes.lease("a", LeaseCaller.MEMBER);
    sandboxes.lease("b", LeaseCaller.MEMBER);
    CompletableFuture<Lease> waiting = later("c", LeaseCaller.MEMBER);
    awaitWaiting();
    sandboxes.close();
    assertThat(reason(waiting)).isEqualTo(SandboxReason.SERVER_STOPS);
  }

  /** Waits until the request for "c" waits for a place. */
  private void awaitWaiting() {
    await().until(() -> sandboxes.waitingForPlace() > 0);
  }
}
