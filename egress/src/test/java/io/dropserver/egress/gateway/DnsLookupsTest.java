package io.dropserver.egress.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DnsLookupsTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  private final CountDownLatch answer = new CountDownLatch(1);
  private final AtomicInteger lookups = new AtomicInteger();
  private final ConcurrentLinkedQueue<Boolean> virtual = new ConcurrentLinkedQueue<>();
  private final DnsLookups dnsLookups = new DnsLookups(this::resolve);

  /** The name server of names below dead.test does not answer until the end of the test. */
  private List<InetAddress> resolve(String name) throws UnknownHostException {
    lookups.incrementAndGet();
    virtual.add(Thread.currentThread().isVirtual());
    if (name.endsWith("dead.test")) {
      try {
        answer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (name.endsWith("none.test")) {
      throw new UnknownHostException(name);
    }
    return List.of(InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() {
    answer.countDown();
    dnsLookups.close();
  }

  private List<InetAddress> find(String appspace, String name, Duration timeout)
      throws UnknownHostException, TimeoutException {
    return dnsLookups.resolve(appspace, name, System.nanoTime() + timeout.toNanos());
  }

  private Thread begin(String appspace, String name, Duration timeout) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                find(appspace, name, timeout);
              } catch (UnknownHostException | TimeoutException ended) {
                // Expected for these names.
              }
            });
  }

  @Test
  void aDeadNameServerDelaysNoOtherAppspace() throws Exception {
    for (int appspace = 0; appspace < 3; appspace++) {
      for (int i = 0; i < 120; i++) {
        begin("busy-" + appspace, i + ".dead.test", LONG);
      }
    }
    await().until(() -> dnsLookups.running() == 3L * DnsLookups.THREADS_PER_APPSPACE);
    for (int i = 0; i < 100; i++) {
      assertThat(find("quiet", i + ".live.test", Duration.ofSeconds(30))).hasSize(1);
    }
    assertThat(dnsLookups.running()).isLessThanOrEqualTo(4L * DnsLookups.THREADS_PER_APPSPACE);
    assertThat(virtual).as("a blocked look-up would keep a carrier").containsOnly(false);
  }

  @Test
  void lookUpThreadsAreBoundedInTotalAndReleased() throws Exception {
    for (int i = 0; i < DnsLookups.THREADS + 40; i++) {
      begin("busy-" + i, "x.dead.test", LONG);
    }
    await().until(() -> dnsLookups.running() == DnsLookups.THREADS);
    assertThatThrownBy(() -> find("quiet", "live.test", Duration.ofMillis(50)))
        .isInstanceOf(TimeoutException.class);
    answer.countDown();
    assertThat(find("quiet", "live.test", Duration.ofSeconds(30))).hasSize(1);
    await().until(() -> dnsLookups.running() == 0);
  }

  @Test
  void callersOfTheSameNameShareOneLookUp() throws Exception {
    List<Thread> callers =
        java.util.stream.IntStream.range(0, 50)
            .mapToObj(i -> begin("garden", "one.dead.test", LONG))
            .toList();
    await()
        .until(
            () ->
                callers.stream()
                    .allMatch(caller -> caller.getState() == Thread.State.TIMED_WAITING));
    assertThat(dnsLookups.running()).isEqualTo(1);
    answer.countDown();
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(lookups).hasValue(1);
  }

  @Test
  void aCallerTimesOutAndItsQueuedLookUpIsNotStarted() throws Exception {
    for (int i = 0; i < DnsLookups.THREADS_PER_APPSPACE; i++) {
      begin("garden", i + ".dead.test", LONG);
    }
    await().until(() -> dnsLookups.running() == DnsLookups.THREADS_PER_APPSPACE);
    assertThatThrownBy(() -> find("garden", "late.test", Duration.ofMillis(50)))
        .isInstanceOf(TimeoutException.class);
    answer.countDown();
    await().until(() -> dnsLookups.running() == 0);
    assertThat(lookups).hasValue(DnsLookups.THREADS_PER_APPSPACE);
  }

  @Test
  void failedLookUpsAreCachedInABoundedNumber() {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> find("garden", "none.test", LONG))
          .isInstanceOf(UnknownHostException.class);
    }
    assertThat(lookups).hasValue(1);
    for (int i = 0; i < 2 * DnsLookups.FAILURES_PER_APPSPACE; i++) {
      String name = i + ".none.test";
      assertThatThrownBy(() -> find("garden", name, LONG)).isInstanceOf(UnknownHostException.class);
    }
    assertThat(dnsLookups.failures("garden")).isEqualTo(DnsLookups.FAILURES_PER_APPSPACE);
    dnsLookups.forget("garden");
    assertThat(dnsLookups.failures("garden")).isZero();
  }

  @Test
  void aNameWithoutAnAddressIsLookedUpAgainALittleLater() {
    assertThat(DnsLookups.FAILED_FOR).isLessThanOrEqualTo(Duration.ofSeconds(10));
    try (DnsLookups brief =
        new DnsLookups(this::resolve, DnsLookups.DEADLINE, Duration.ofMillis(200))) {
      await()
          .untilAsserted(
              () -> {
                assertThatThrownBy(
                        () ->
                            brief.resolve(
                                "garden", "none.test", System.nanoTime() + LONG.toNanos()))
                    .isInstanceOf(UnknownHostException.class);
                assertThat(lookups).hasValue(2);
              });
    }
  }

  /** Otherwise each request for the name would wait for its whole time. */
  @Test
  void laterLookUpsDoNotWaitForAnOverdueNameServer() throws Exception {
    assertThat(DnsLookups.DEADLINE).isLessThanOrEqualTo(Duration.ofSeconds(10));
    Duration deadline = Duration.ofMillis(200);
    try (DnsLookups hasty = new DnsLookups(this::resolve, deadline, DnsLookups.FAILED_FOR)) {
      assertThatThrownBy(
              () -> hasty.resolve("garden", "x.dead.test", System.nanoTime() + deadline.toNanos()))
          .isInstanceOf(TimeoutException.class);
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(
                          () ->
                              hasty.resolve(
                                  "garden", "x.dead.test", System.nanoTime() + deadline.toNanos()))
                      .hasMessageContaining("earlier look-up of this name is still waiting"));
      assertThat(lookups).hasValue(1);
      answer.countDown();
      await().until(() -> hasty.running() == 0);
      assertThat(hasty.resolve("garden", "x.dead.test", System.nanoTime() + LONG.toNanos()))
          .hasSize(1);
    }
  }
}
