package io.dropserver.base.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BudgetTest {
  @Test
  void aHolderIsLimitedToItsShareAndAllHoldersToTheTotal() {
    Budget<String> budget = new Budget<>(10, 6);
    assertThat(budget.claim("a", 6)).isPresent();
    assertThat(budget.refusal("a", 1)).contains(Budget.Bound.HOLDER);
    assertThat(budget.claim("a", 1)).isEmpty();
    assertThat(budget.claim("b", 4)).isPresent();
    assertThat(budget.refusal("c", 1)).contains(Budget.Bound.TOTAL);
    assertThat(budget.claim("c", 1)).isEmpty();
  }

  @Test
  void closingAClaimReleasesItOnceAndRemovesItsHolder() {
    Budget<String> budget = new Budget<>(10, 10);
    Budget<String>.Claim claim = budget.claim("a", 3).orElseThrow();
    assertThat(claim.grow(4)).isTrue();
    claim.shrink(2);
    assertThat(budget.taken("a")).isEqualTo(5);
    claim.close();
    claim.close();
    assertThat(claim.grow(1)).isFalse();
    assertThat(budget.taken()).isZero();
    assertThat(budget.holders()).isZero();
  }

  @Test
  void aRefusedClaimTakesNothing() {
    Budget<String> budget = new Budget<>(10, 10);
    Budget<String>.Claim claim = budget.claim("a", 3).orElseThrow();
    assertThat(claim.grow(8)).isFalse();
    assertThat(budget.claim("a", Long.MAX_VALUE)).isEmpty();
    assertThat(budget.claim("a", -1)).isEmpty();
    assertThat(budget.taken()).isEqualTo(3);
  }

  @Test
  void manyThreadsNeverPassABound() throws InterruptedException {
    Budget<Integer> budget = new Budget<>(100, 30);
    AtomicLong most = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      int holder = i % 4;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int round = 0; round < 2_000; round++) {
                      budget
                          .claim(holder, 7)
                          .ifPresent(
                              claim -> {
                                most.accumulateAndGet(budget.taken(), Math::max);
                                claim.close();
                              });
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most.get()).isBetween(7L, 100L);
    assertThat(budget.taken()).isZero();
    assertThat(budget.holders()).isZero();
  }
}
