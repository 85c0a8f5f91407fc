package io.dropserver.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DiskWatchTest {
  private static final long MIB = 1 << 20;

  @Test
  void aTwentiethIsLowButNeitherGigabytesNorALittleOfASmallDisk() {
    assertThat(DiskWatch.isLow(1_000 * MIB, 20_000 * MIB)).isFalse();
    assertThat(DiskWatch.isLow(999 * MIB, 20_000 * MIB)).isTrue();
    assertThat(DiskWatch.isLow(3_000 * MIB, 4_000_000 * MIB)).isFalse();
    assertThat(DiskWatch.isLow(2_000 * MIB, 4_000_000 * MIB)).isTrue();
    assertThat(DiskWatch.isLow(200 * MIB, 1_000 * MIB)).isTrue();
    assertThat(DiskWatch.isLow(300 * MIB, 1_000 * MIB)).isFalse();
  }
}
