package io.dropserver.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class DiskSpaceTest {
  private static final long MIB = 1 << 20;

  @Test
  void lowSpaceIsAFractionOfTheDiskWithinBounds() {
    assertThat(disk(1_000, 20_000).isLow()).isFalse();
    assertThat(disk(999, 20_000).isLow()).isTrue();
    assertThat(disk(3_000, 4_000_000).isLow()).isFalse();
    assertThat(disk(2_000, 4_000_000).isLow()).isTrue();
    assertThat(disk(200, 1_000).isLow()).isTrue();
    assertThat(disk(300, 1_000).isLow()).isFalse();
  }

  @Test
  void aFortiethIsReservedWithinBounds() {
    assertThat(disk(0, 20_000).reserve()).isEqualTo(500 * MIB);
    assertThat(disk(0, 400).reserve()).isEqualTo(32 * MIB);
    assertThat(disk(0, 4_000_000).reserve()).isEqualTo(1024 * MIB);
    assertThat(disk(20, 400).aboveReserve()).isEqualTo(-12 * MIB);
  }

  @Test
  void theRemedyNamesTheFolderAndHowMuchToFree() {
    assertThat(disk(4, 400).remedy())
        .isEqualTo("the disk of /state is full (4 MiB left): free at least 44 MiB");
  }

  private static DiskSpace disk(long freeMebibytes, long totalMebibytes) {
    return new DiskSpace(Path.of("/state"), totalMebibytes * MIB, freeMebibytes * MIB);
  }
}
