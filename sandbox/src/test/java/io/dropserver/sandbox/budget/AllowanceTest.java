package io.dropserver.sandbox.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AllowanceTest {
  private final AtomicLong now = new AtomicLong();
  private final Allowance allowance = new Allowance(10, 5, now::get);

  @Test
  void soMuchAtOnceAndThenSoMuchPerSecond() {
    assertThat(allowance.take(10)).isTrue();
    assertThat(allowance.take(1)).isFalse();
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(200));
    assertThat(allowance.take(1)).isTrue();
    assertThat(allowance.take(1)).isFalse();
  }

  @Test
  void aDebtIsPausedOff() {
    assertThat(allowance.charge(10)).isZero();
    assertThat(allowance.charge(5)).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    assertThat(allowance.charge(5)).isEqualTo(TimeUnit.SECONDS.toNanos(2));
    now.addAndGet(TimeUnit.SECONDS.toNanos(3));
    assertThat(allowance.charge(0)).isZero();
  }

  @Test
  void aLongTimeWithoutUseSavesUpNoMoreThanTheCapacity() {
    now.addAndGet(TimeUnit.HOURS.toNanos(1));
    assertThat(allowance.take(11)).isFalse();
    assertThat(allowance.take(10)).isTrue();
  }
}
