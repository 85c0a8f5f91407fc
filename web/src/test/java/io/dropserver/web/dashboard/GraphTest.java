package io.dropserver.web.dashboard;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.text.Sizes;
import io.dropserver.control.UsagePoint;
import io.dropserver.testing.property.Generator;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GraphTest {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  @Test
  void aGraphWithoutMeasurementsSaysSo() {
    Graph graph = Graph.scaledToLimit(128, "Memory", List.of(), Sizes::text);
    assertThat(graph.measured()).isFalse();
    assertThat(graph.line() + graph.area() + graph.bounds()).isEmpty();
    assertThat(graph.description()).contains("Memory").contains("no recent measurements");
  }

  @Test
  void aSingleValueIsDrawnAsALevelLine() {
    Graph graph = Graph.scaledToLimit(100, "Memory", List.of(50L), Sizes::text);
    assertThat(graph.line()).isEqualTo("M0 24L240 24");
    assertThat(graph.description()).contains("now 50 B").contains("of 100 B");
  }

  @Test
  void aLimitIsTheUpperEdgeUntilItIsPassed() {
    Graph within = Graph.scaledToLimit(100, "Memory", List.of(0L, 100L), Sizes::text);
    assertThat(within.line()).isEqualTo("M0 47L240 1");
    Graph beyond = Graph.scaledToLimit(100, "Memory", List.of(100L, 200L), Sizes::text);
    assertThat(beyond.line()).isEqualTo("M0 24L240 1");
  }

  @Test
  void onlyZeroIsDrawnAtTheBottom() {
    assertThat(Graph.scaledToMaximum("Requests", List.of(0L, 0L), StatusText::plain).line())
        .isEqualTo("M0 47L240 47");
    assertThat(Graph.scaledToLimit(0, "Requests", List.of(0L), StatusText::plain).line())
        .startsWith("M0 47");
  }

  @Test
  void aHugeSeriesKeepsItsPeaks() {
    List<Long> values =
        LongStream.range(0, 1_000_000).mapToObj(i -> i == 777_777 ? Long.MAX_VALUE : 1L).toList();
    Graph graph = Graph.scaledToMaximum("Requests", values, StatusText::plain);
    assertThat(graph.line().length()).isLessThan(2_000);
    assertThat(graph.line()).contains(" 1L");
  }

  @Test
  void everyLineStaysInThePicture() {
    forAll(
        300,
        Generator.longs(Long.MIN_VALUE, Long.MAX_VALUE).list(1, 200),
        values -> {
          Graph graph = Graph.scaledToLimit(1_000, "Any", values, StatusText::plain);
          for (String point : graph.line().substring(1).split("L", -1)) {
            String[] xy = point.split(" ", -1);
            assertThat(Double.parseDouble(xy[0])).isBetween(0.0, (double) Graph.WIDTH);
            assertThat(Double.parseDouble(xy[1])).isBetween(0.0, (double) Graph.HEIGHT);
          }
        });
  }

  private static UsagePoint sample(int secondsAgo, long memory) {
    return new UsagePoint(NOW.minusSeconds(secondsAgo), memory, 0, 0, 1, 0, memory);
  }

  @Test
  void gapsCountAsZeroMemoryAndUnchangedStorage() {
    List<UsagePoint> samples =
        IntStream.of(300, 295, 290).mapToObj(ago -> sample(ago, ago)).toList();
    List<Long> used = UsageSeries.zeroFilled(samples, NOW, UsagePoint::memoryBytes);
    assertThat(used).hasSize(120).contains(300L, 295L, 290L).startsWith(0L).endsWith(0L, 0L);
    assertThat(UsageSeries.carriedForward(samples, NOW, UsagePoint::storageBytes))
        .startsWith(300L)
        .endsWith(290L);
  }

  @Test
  void aSampleThatComesLateLeavesNoGap() {
    List<UsagePoint> samples = IntStream.of(20, 9, 2).mapToObj(ago -> sample(ago, 7)).toList();
    assertThat(UsageSeries.zeroFilled(samples, NOW, UsagePoint::memoryBytes))
        .endsWith(0L, 7L, 7L, 7L, 7L, 7L, 7L);
  }

  @Test
  void lookingAgainWithinFiveSecondsShowsTheSame() {
    List<UsagePoint> samples = List.of(sample(20, 7), sample(15, 9));
    assertThat(UsageSeries.zeroFilled(samples, NOW.plusMillis(4_900), UsagePoint::memoryBytes))
        .isEqualTo(UsageSeries.zeroFilled(samples, NOW, UsagePoint::memoryBytes));
    assertThat(UsageSeries.zeroFilled(List.of(), NOW, UsagePoint::memoryBytes)).isEmpty();
  }
}
