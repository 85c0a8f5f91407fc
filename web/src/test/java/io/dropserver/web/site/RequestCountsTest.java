package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RequestCountsTest {
  private static final long NOW = 1_795_000_000_000L;
  private final RequestCounts counts = new RequestCounts();

  @Test
  void eachFiveSecondsAreCountedAndForgottenAfterTenMinutes() {
    counts.count(NOW);
    counts.count(NOW + 4_999);
    counts.count(NOW + 5_000);
    List<Integer> now = counts.countsUntil(NOW + 5_000);
    assertThat(now).hasSize(RequestCounts.SLOTS).endsWith(0, 2, 1);
    assertThat(now.stream().mapToInt(Integer::intValue).sum()).isEqualTo(3);
    assertThat(counts.countsUntil(NOW + 599_999)).startsWith(2, 1, 0);
    assertThat(counts.countsUntil(NOW + 600_000)).startsWith(1, 0);
    assertThat(counts.countsUntil(NOW + 10_000_000)).containsOnly(0);
  }

  @Test
  void anOldCountIsNotAddedTo() {
    counts.count(NOW);
    counts.count(NOW + 600_000);
    assertThat(counts.countsUntil(NOW + 600_000)).endsWith(0, 1);
  }

  @Test
  void manyThreadsLoseNoRequest() throws InterruptedException {
    List<Thread> threads =
        java.util.stream.IntStream.range(0, 8)
            .mapToObj(
                _ ->
                    Thread.ofVirtual()
                        .start(
                            () -> {
                              for (int i = 0; i < 10_000; i++) {
                                counts.count(NOW);
                              }
                            }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(counts.countsUntil(NOW)).endsWith(80_000);
  }
}
