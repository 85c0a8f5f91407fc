package io.dropserver.backup.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class CopyCountersTest {
  private static final int MEBIBYTE = 1 << 20;

  @Test
  void everyByteOfALargeFileCanBeInTheSample() {
    int size = 70 * MEBIBYTE;
    BitSet sampled = new BitSet(size);
    for (int i = 0; i < 400; i++) {
      CopyCounters counters = new CopyCounters();
      counters.offerFile("photos", size);
      counters
          .result()
          .sample()
          .forEach(
              each -> {
                assertThat(each.length()).isEqualTo(SampledEntry.RANGE);
                sampled.set((int) each.offset(), (int) each.end());
              });
    }
    assertThat(sampled.cardinality()).isEqualTo(size);
  }

  @Test
  void theSampleIsBoundedAndALargeFileAmongManySmallOnesIsInIt() {
    CopyCounters counters = new CopyCounters();
    for (int i = 0; i < 5000; i++) {
      counters.offerFile("small-" + i, 100);
      counters.offerLink("link-" + i);
      counters.offerEmptyFolder("folder-" + i);
    }
    counters.offerFile("database", 1L << 33);
    assertThat(counters.result().sample())
        .hasSizeBetween(
            CopyResult.SAMPLED_RANGES, CopyResult.SAMPLED_ENTRIES + CopyResult.SAMPLED_RANGES)
        .extracting(SampledEntry::path)
        .contains("database");
  }
}
