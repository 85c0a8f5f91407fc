package io.dropserver.base.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private final AtomicLong now = new AtomicLong();
  private final TokenBucket tokenBucket = new TokenBucket(10, 5, now::get);

  @Test
  void theBucketAllowsABurstAndThenTheRate() {
    assertThat(tokenBucket.take(10)).isTrue();
    assertThat(tokenBucket.take(1)).isFalse();
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(200));
    assertThat(tokenBucket.take(1)).isTrue();
    assertThat(tokenBucket.take(1)).isFalse();
  }

  @Test
  void aDebtDelaysUntilTheRateHasRepaidIt() {
    assertThat(tokenBucket.charge(10)).isZero();
    assertThat(tokenBucket.charge(5)).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    assertThat(tokenBucket.charge(5)).isEqualTo(TimeUnit.SECONDS.toNanos(2));
    now.addAndGet(TimeUnit.SECONDS.toNanos(3));
    assertThat(tokenBucket.charge(0)).isZero();
  }

  @Test
  void aLongTimeWithoutUseSavesUpNoMoreThanTheCapacity() {
    now.addAndGet(TimeUnit.HOURS.toNanos(1));
    assertThat(tokenBucket.take(11)).isFalse();
    assertThat(tokenBucket.take(10)).isTrue();
  }
}
