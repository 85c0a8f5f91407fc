package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrontDoorLimitsTest {
  private static final long GIB = 1L << 30;

  /** File descriptors, MiB of heap, expected connections of all clients and of one client. */
  @ParameterizedTest
  @CsvSource({
    "1024, 8192, 256, 64",
    "20000, 8192, 5000, 312",
    "65536, 8192, 16384, 1024",
    "1048576, 65536, 20000, 1024",
    "65536, 128, 512, 64",
    "65536, 1024, 4096, 256",
    "100, 16, 64, 64"
  })
  void connectionsFollowFromDescriptorsAndHeap(
      long descriptors, long mebibytes, int all, int each) {
    FrontDoorLimits limits = FrontDoorLimits.DEFAULT.limitedTo(descriptors, mebibytes << 20);
    assertThat(limits.connections()).isEqualTo(all);
    assertThat(limits.connectionsPerClient()).isEqualTo(each);
  }

  @Test
  void threeQuartersOfTheDescriptorsAreLeftToTheServerItself() {
    for (long descriptors = 256; descriptors < 200_000; descriptors += 999) {
      assertThat((long) FrontDoorLimits.DEFAULT.limitedTo(descriptors, 8 * GIB).connections())
          .isLessThanOrEqualTo(descriptors / 4);
    }
  }

  @Test
  void theTimeForAnUploadFollowsFromTheSizeThatTheAppspaceAccepts() {
    assertThat(FrontDoorLimits.DEFAULT.uploadTime(0)).isEqualTo(Duration.ofHours(1));
    assertThat(FrontDoorLimits.DEFAULT.uploadTime(16L << 30))
        .isEqualTo(Duration.ofHours(1).plusSeconds(16 << 10));
  }
}
