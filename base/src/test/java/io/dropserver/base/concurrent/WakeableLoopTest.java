package io.dropserver.base.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WakeableLoopTest {
  private final AtomicInteger runs = new AtomicInteger();

  /** Each run waits for a permit. */
  private final Semaphore permits = new Semaphore(0);

  private WakeableLoop counting(Duration delay) {
    return new WakeableLoop("counting")
        .start(
            () -> {
              runs.incrementAndGet();
              return delay;
            });
  }

  private WakeableLoop waitingForPermits() {
    return new WakeableLoop("waiting")
        .start(
            () -> {
              runs.incrementAndGet();
              permits.acquire();
              return WakeableLoop.FOREVER;
            });
  }

  private void awaitRuns(int count) {
    await().until(() -> runs.get() == count);
  }

  @Test
  void theNextRunFollowsAfterTheDelayThatTheBodyReturns() {
    try (WakeableLoop _ = counting(Duration.ofMillis(1))) {
      await().until(() -> runs.get() > 3);
    }
  }

  @Test
  void wakingEndsTheDelay() {
    try (WakeableLoop loop = counting(WakeableLoop.FOREVER)) {
      awaitRuns(1);
      loop.wake();
      awaitRuns(2);
    }
  }

  @Test
  void wakeUpsDuringARunCauseOneMoreRun() {
    try (WakeableLoop loop = waitingForPermits()) {
      awaitRuns(1);
      for (int i = 0; i < 100; i++) {
        loop.wake();
      }
      permits.release(10);
      awaitRuns(2);
      await().during(Duration.ofMillis(200)).until(() -> runs.get() == 2);
    }
  }

  @Test
  void noWakeUpIsLost() {
    AtomicInteger requested = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    try (WakeableLoop loop =
        new WakeableLoop("seeing")
            .start(
                () -> {
                  seen.set(requested.get());
                  return WakeableLoop.FOREVER;
                })) {
      for (int i = 1; i <= 5_000; i++) {
        requested.set(i);
        loop.wake();
        if (i % 4 == 0) {
          int wanted = i;
          while (seen.get() < wanted) {
            LockSupport.parkNanos(1_000);
          }
        }
      }
    }
  }

  /** Like a library that reports an interrupt as an I/O error. */
  @Test
  void closingEndsALoopWhoseBodySwallowsTheInterrupt() {
    WakeableLoop loop =
        new WakeableLoop("swallowing")
            .start(
                () -> {
                  runs.incrementAndGet();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException swallowed) {
                    // The flag stays cleared.
                  }
                  return WakeableLoop.FOREVER;
                });
    awaitRuns(1);
    assertTimeoutPreemptively(Duration.ofSeconds(20), loop::close);
  }

  @Test
  void wakeUpsBeforeTheStartNeedNoRunOfTheirOwn() {
    try (WakeableLoop loop = new WakeableLoop("counting")) {
      loop.wake();
      var _ =
          loop.start(
              () -> {
                runs.incrementAndGet();
                return WakeableLoop.FOREVER;
              });
      awaitRuns(1);
      await().during(Duration.ofMillis(200)).until(() -> runs.get() == 1);
    }
  }

  @Test
  void anExceptionOfTheBodyDoesNotEndTheLoop() {
    try (WakeableLoop loop =
        new WakeableLoop("failing")
            .start(
                () -> {
                  runs.incrementAndGet();
                  throw new IllegalStateException("an expected failure");
                })) {
      awaitRuns(1);
      loop.wake();
      awaitRuns(2);
    }
  }

  @Test
  void closingInterruptsTheRunAndWaitsForItsEnd() {
    CountDownLatch running = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    WakeableLoop loop =
        new WakeableLoop("sleeping")
            .start(
                () -> {
                  running.countDown();
                  try {
                    Thread.sleep(Duration.ofHours(1));
                  } finally {
                    ended.set(true);
                  }
                  return Duration.ZERO;
                });
    await().until(() -> running.getCount() == 0);
    loop.close();
    assertThat(ended).isTrue();
  }

  @Test
  void closingEndsTheDelayAndNoRunFollows() {
    WakeableLoop loop = counting(WakeableLoop.FOREVER);
    awaitRuns(1);
    loop.close();
    loop.wake();
    await().during(Duration.ofMillis(200)).until(() -> runs.get() == 1);
  }

  @Test
  void aRunMayEndDuringTheGracePeriod() throws Exception {
    AtomicReference<Boolean> interrupted = new AtomicReference<>();
    CountDownLatch running = new CountDownLatch(1);
    WakeableLoop loop =
        new WakeableLoop("acquiring")
            .start(
                () -> {
                  runs.incrementAndGet();
                  running.countDown();
                  permits.acquireUninterruptibly();
                  interrupted.set(Thread.currentThread().isInterrupted());
                  return Duration.ZERO;
                });
    running.await();
    Thread closer = Thread.ofVirtual().start(() -> loop.closeAfter(WakeableLoop.FOREVER));
    await()
        .until(
            () ->
                Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING)
                    .contains(closer.getState()));
    permits.release();
    closer.join();
    assertThat(interrupted).hasValue(false);
    assertThat(runs).hasValue(1);
  }

  @Test
  void aRunIsInterruptedAfterTheGracePeriod() {
    CountDownLatch interrupted = new CountDownLatch(1);
    WakeableLoop loop =
        new WakeableLoop("sleeping")
            .start(
                () -> {
                  runs.incrementAndGet();
                  try {
                    Thread.sleep(Duration.ofHours(1));
                  } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                  }
                  return Duration.ZERO;
                });
    awaitRuns(1);
    loop.closeAfter(Duration.ofMillis(10));
    await().until(() -> interrupted.getCount() == 0);
  }

  @Test
  void aLoopThatWasNotStartedCanBeClosed() {
    WakeableLoop loop = new WakeableLoop("unused");
    loop.closeAfter(WakeableLoop.FOREVER);
    loop.close();
    var _ =
        loop.start(
            () -> {
              runs.incrementAndGet();
              return Duration.ZERO;
            });
    await().during(Duration.ofMillis(100)).until(() -> runs.get() == 0);
  }
}
