package io.dropserver.sandbox.storage;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.storage.WriteWindows.Demand;
import io.dropserver.testing.property.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class WriteWindowsTest {
  private static final long GIBIBYTE = 1L << 30;

  @Test
  void demandsThatTheDiskCanBackAreGranted() {
    assertThat(WriteWindows.share(3 * GIBIBYTE, List.of(demand("a", 1), demand("b", 2))))
        .isEqualTo(Map.of("a", GIBIBYTE, "b", 2 * GIBIBYTE));
  }

  @Test
  void volumesThatAreWrittenGetMoreThanQuietOnes() {
    Map<String, Long> windows =
        WriteWindows.share(
            GIBIBYTE,
            List.of(
                new Demand<>("writing", GIBIBYTE, true, true),
                demand("quiet", 1),
                new Demand<>("unused", GIBIBYTE, false, false)));

    assertThat(windows)
        .isEqualTo(Map.of("writing", GIBIBYTE / 4 * 3, "quiet", GIBIBYTE / 4, "unused", 0L));
  }

  @Test
  void noSpaceIsSharedOnceTheReserveIsInUse() {
    assertThat(WriteWindows.share(-5, List.of(demand("a", 1)))).isEqualTo(Map.of("a", 0L));
  }

  @Test
  void onAShortDiskTheWindowsTogetherNeverExceedIt() {
    forAll(
        1000,
        Generator.longs(-1000, WriteWindows.AMPLE - 1),
        Generator.integers(1, 50),
        Generator.longs(1, 1L << 40),
        (spare, volumes, seed) -> {
          List<Demand<Integer>> demands = new ArrayList<>();
          var random = new java.util.Random(seed);
          for (int i = 0; i < volumes; i++) {
            demands.add(
                new Demand<>(
                    i, random.nextLong(1L << 34), random.nextBoolean(), random.nextBoolean()));
          }
          long used =
              demands.stream()
                  .filter(Demand::used)
                  .mapToLong(
                      each -> WriteWindows.share(spare, demands).getOrDefault(each.volume(), 0L))
                  .sum();

          assertThat(used).isLessThanOrEqualTo(Math.max(0, spare));
        });
  }

  private static Demand<String> demand(String volume, long gibibytes) {
    return new Demand<>(volume, gibibytes * GIBIBYTE, true, false);
  }
}
