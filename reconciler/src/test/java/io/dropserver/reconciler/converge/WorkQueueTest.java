package io.dropserver.reconciler.converge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkQueueTest {
  private final ManualTimers timers = new ManualTimers();

  private WorkQueue<String> started(Function<String, ReconcileResult> work) {
    WorkQueue<String> queue = new WorkQueue<>(new Backoff(() -> 0), timers);
    queue.start(work);
    return queue;
  }

  private WorkQueue<String> queue(Predicate<String> work) {
    return started(key -> work.test(key) ? ReconcileResult.DONE : ReconcileResult.FAILED);
  }

  @Test
  void failuresThatNeedAnEditUseTheLongestBackoffUntilANewEvent() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    try (WorkQueue<String> queue =
        started(
            key -> attempts.incrementAndGet() < 3 ? ReconcileResult.STUCK : ReconcileResult.DONE)) {
      queue.add("key").get(10, TimeUnit.SECONDS);
      assertThat(timers.delays()).containsExactly(Backoff.LONGEST);
      queue.add("key").get(10, TimeUnit.SECONDS);
      assertThat(timers.delays()).containsExactly(Backoff.LONGEST);
      assertThat(queue.failed()).containsExactly("key");
      timers.fire();
      await().until(() -> attempts.get() == 3 && !queue.isInProgress("key"));
      assertThat(queue.failed()).isEmpty();
      assertThat(timers.delays()).isEmpty();
    }
  }

  @Test
  void keysThatAreAddedBeforeTheStartWaitForIt() throws Exception {
    try (WorkQueue<String> queue = new WorkQueue<>(new Backoff(() -> 0), timers)) {
      CompletableFuture<Void> early = queue.add("early");
      assertThat(queue.isInProgress("early")).isFalse();
      queue.start(key -> ReconcileResult.DONE);
      early.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aQueueThatIsNeverStartedKeepsNoCallerWaiting() {
    WorkQueue<String> queue = new WorkQueue<>(new Backoff(() -> 0), timers);
    CompletableFuture<Void> early = queue.add("early");
    queue.close();
    assertThat(early).isCompleted();
    assertThat(queue.add("late")).isCompleted();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void eachKeyRunsSeriallyAndManyKeysRunInParallel() throws Exception {
    Map<String, AtomicInteger> now = new ConcurrentHashMap<>();
    AtomicBoolean twice = new AtomicBoolean();
    AtomicInteger attempts = new AtomicInteger();
    CountDownLatch allIn = new CountDownLatch(50);
    try (WorkQueue<String> queue =
        queue(
            key -> {
              AtomicInteger busy = now.computeIfAbsent(key, absent -> new AtomicInteger());
              if (busy.incrementAndGet() > 1) {
                twice.set(true);
              }
              attempts.incrementAndGet();
              allIn.countDown();
              // Passes only if fifty keys are worked on at the same time.
              awaitQuietly(allIn);
              busy.decrementAndGet();
              return true;
            })) {
      List<CompletableFuture<Void>> done =
          IntStream.range(0, 500).mapToObj(i -> queue.add("key" + i % 50)).toList();
      for (CompletableFuture<Void> each : done) {
        each.get(30, TimeUnit.SECONDS);
      }
    }
    assertThat(twice).isFalse();
    assertThat(attempts.get()).isBetween(50, 500);
  }

  @Test
  void aKeyAddedWhileItIsWorkedOnIsWorkedOnOnceMore() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (WorkQueue<String> queue =
        queue(
            key -> {
              attempts.incrementAndGet();
              entered.countDown();
              awaitQuietly(go);
              return true;
            })) {
      CompletableFuture<Void> first = queue.add("a");
      entered.await();
      CompletableFuture<Void> second = queue.add("a");
      CompletableFuture<Void> third = queue.add("a");
      go.countDown();
      CompletableFuture.allOf(first, second, third).get(30, TimeUnit.SECONDS);
      assertThat(attempts).hasValue(2);
    }
  }

  @Test
  void backoffGrowsWithEachFailureAndASuccessResetsIt() throws Exception {
    AtomicBoolean works = new AtomicBoolean();
    try (WorkQueue<String> queue = queue(key -> works.get())) {
      queue.add("a").get(30, TimeUnit.SECONDS);
      assertThat(timers.delays()).containsExactly(Duration.ofMillis(750));
      timers.fire();
      await().until(() -> timers.delays().equals(List.of(Duration.ofMillis(1500))));
      assertThat(queue.failed()).containsExactly("a");
      works.set(true);
      timers.fire();
      await().until(() -> queue.failed().isEmpty());
      works.set(false);
      queue.add("a").get(30, TimeUnit.SECONDS);
      assertThat(timers.delays()).containsExactly(Duration.ofMillis(750));
    }
  }

  @Test
  void aNewEventDoesNotWaitForTheBackoff() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    try (WorkQueue<String> queue = queue(key -> attempts.incrementAndGet() > 1)) {
      queue.add("a").get(30, TimeUnit.SECONDS);
      queue.add("a").get(30, TimeUnit.SECONDS);
      assertThat(attempts).hasValue(2);
      assertThat(timers.delays()).isEmpty();
    }
  }

  @Test
  void aKeyThatHangsDelaysNoOtherKey() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    WorkQueue<String> queue =
        queue(
            key -> {
              if (key.equals("hangs")) {
                awaitQuietly(never);
              }
              return true;
            });
    CompletableFuture<Void> hanging = queue.add("hangs");
    queue.add("other").get(30, TimeUnit.SECONDS);
    assertThat(hanging).isNotDone();
    never.countDown();
    queue.close();
    assertThat(hanging).isDone();
  }

  @Test
  void closeCompletesAllFutures() {
    for (int turn = 0; turn < 2000; turn++) { // the last future was occasionally completed too late
      CountDownLatch work = new CountDownLatch(1);
      WorkQueue<String> queue =
          queue(
              key -> {
                awaitQuietly(work);
                return true;
              });
      CompletableFuture<Void> waits = queue.add("x");
      work.countDown();
      queue.close();
      assertThat(waits).isDone();
    }
  }

  @Test
  void backoffStaysWithinItsBoundsForAnyNumberOfFailures() {
    for (double random : new double[] {0, 0.5, 0.999_999}) {
      Backoff backoff = new Backoff(() -> random);
      for (int failures = 1; failures < 200; failures++) {
        assertThat(backoff.after(failures)).isBetween(Backoff.FIRST, Backoff.LONGEST);
      }
      assertThat(backoff.after(Integer.MAX_VALUE))
          .isBetween(Backoff.LONGEST.multipliedBy(3).dividedBy(4), Backoff.LONGEST);
      assertThat(backoff.after(3)).isBetween(Duration.ofMillis(2250), Duration.ofMillis(3000));
    }
  }
}
