package io.dropserver.base.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.base.budget.RelayScheduler.Relay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RelaySchedulerTest {
  private static final long MUCH = RelayScheduler.BURST_NANOS * 1_000;

  @Test
  void workWithinTheQuotaNeedsNoSlice() {
    RelayScheduler none = new RelayScheduler(0);
    for (int i = 0; i < 5; i++) {
      none.relay("garden").recordWork(RelayScheduler.BURST_NANOS / 5);
      none.relay("diary").recordTransfer(1_000, 0);
    }
    assertThat(none.waiting()).isZero();
  }

  @Test
  void allRelaysOfAHolderShareItsQuota() throws InterruptedException {
    RelayScheduler none = new RelayScheduler(0);
    none.relay("garden").recordWork(RelayScheduler.BURST_NANOS);
    Thread second = Thread.ofVirtual().start(() -> none.relay("garden").recordWork(MUCH));
    await().until(() -> none.waiting() == 1);
    second.interrupt();
    second.join();
    assertThat(none.waiting()).isZero();
  }

  @Test
  void slicesRotateBetweenHoldersRegardlessOfTheirRelays() throws InterruptedException {
    RelayScheduler none = new RelayScheduler(0);
    List<Thread> threads = new ArrayList<>();
    for (String holder : List.of("a", "a", "a", "a", "b", "c", "c")) {
      threads.add(Thread.ofVirtual().start(() -> none.relay(holder).recordWork(MUCH)));
      await().until(() -> none.waiting() == threads.size());
    }
    List<String> order = new ArrayList<>();
    for (Relay next = none.next(); next != null; next = none.next()) {
      order.add(next.holder());
    }
    assertThat(order).containsExactly("a", "b", "c", "a", "c", "a", "a");
    for (Thread thread : threads) {
      thread.interrupt();
      thread.join();
    }
  }

  @Test
  void aRelayThatNeverWaitsGivesItsCarrierToOthersAfterEachSlice() throws Exception {
    RelayScheduler scheduler = new RelayScheduler(1);
    int busy = 4 * Runtime.getRuntime().availableProcessors();
    AtomicInteger left = new AtomicInteger(busy);
    CountDownLatch done = new CountDownLatch(1);
    List<Thread> relays = new ArrayList<>();
    for (int i = 0; i < busy; i++) {
      Relay relay = scheduler.relay("hostile");
      relays.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (done.getCount() > 0) {
                      relay.recordWork(100_000);
                    }
                    left.decrementAndGet();
                  }));
    }
    // These would not start while all carrier threads are occupied.
    for (int i = 0; i < 100; i++) {
      Thread quiet = Thread.ofVirtual().start(() -> scheduler.relay("quiet").recordWork(1));
      assertThat(quiet.join(Duration.ofSeconds(10))).isTrue();
    }
    done.countDown();
    for (Thread relay : relays) {
      relay.join();
    }
    assertThat(left).hasValue(0);
  }

  @Test
  void aRelayThatWaitsLeavesTheRestOfItsSlice() throws InterruptedException {
    RelayScheduler scheduler = new RelayScheduler(1);
    CountDownLatch never = new CountDownLatch(1);
    for (int i = 0; i < 100; i++) {
      Relay relay = scheduler.relay("stuck");
      Thread.ofVirtual()
          .start(
              () -> {
                relay.recordWork(MUCH);
                await().forever().until(() -> never.getCount() == 0);
              });
    }
    Thread other = Thread.ofVirtual().start(() -> scheduler.relay("other").recordWork(MUCH));
    assertThat(other.join(Duration.ofSeconds(10))).isTrue();
    await().until(() -> scheduler.waiting() == 0);
    never.countDown();
  }
}
