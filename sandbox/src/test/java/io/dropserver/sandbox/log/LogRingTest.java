package io.dropserver.sandbox.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LogRingTest {
  private final LogRing ring =
      new LogRing(Clock.fixed(Instant.EPOCH.plusSeconds(9), ZoneOffset.UTC));

  @Test
  void theNewestLinesAreKept() {
    for (int number = 0; number < 3000; number++) {
      ring.add(LogRing.Stream.STDOUT, "line " + number);
    }
    assertThat(ring.lines()).hasSize(2000);
    assertThat(ring.lines().getLast().text()).isEqualTo("line 2999");
    assertThat(ring.lines().getLast().number()).isEqualTo(3000);
  }

  @Test
  void linesBeyondTheRateAreDroppedAndCounted() {
    for (int number = 0; number < 1000; number++) {
      ring.add(LogRing.Stream.STDERR, "x".repeat(4000));
    }
    assertThat(ring.lines().getLast().text()).matches("\\d+ lines dropped.*");
    assertThat(ring.lines().stream().mapToLong(line -> line.text().length()).sum())
        .isLessThan(300_000);
  }

  @Test
  void charactersCountAsManyBytesAsTheyAreInUtf8() {
    for (String character : new String[] {"x", "\u00e9", "\u20ac", "\ud83d\ude00"}) {
      LogRing other = new LogRing(Clock.fixed(Instant.EPOCH.plusSeconds(9), ZoneOffset.UTC));
      int bytes = character.getBytes(StandardCharsets.UTF_8).length;
      String line = character.repeat(1023 / bytes) + "x".repeat(1023 % bytes);
      for (int number = 0; number < 257; number++) {
        other.add(LogRing.Stream.STDOUT, line);
      }
      assertThat(other.lines()).as("256 KiB of %s", character).hasSize(256 + 1);
      assertThat(other.lines().getLast().text()).startsWith("1 lines dropped");
    }
  }

  @Test
  void aFollowerGetsOnlyLaterLines() throws Exception {
    ring.add(LogRing.Stream.STDOUT, "one");
    ring.add(LogRing.Stream.STDOUT, "two");
    assertThat(ring.awaitAfter(1, Duration.ofSeconds(5)))
        .extracting(LogRing.Line::text)
        .containsExactly("two");
    assertThat(ring.awaitAfter(2, Duration.ofMillis(10))).isEmpty();
  }

  @Test
  void theHostConfigurationBoundsLinesAndBytes() {
    LogRing lines = new LogRing(Clock.systemUTC(), new LogRing.Retention(3, 1_000));
    LogRing bytes = new LogRing(Clock.systemUTC(), new LogRing.Retention(1_000, 25));
    for (int i = 0; i < 10; i++) {
      lines.add(LogRing.Stream.STDOUT, "line " + i);
      bytes.add(LogRing.Stream.STDOUT, "line " + i);
    }
    assertThat(lines.lines())
        .extracting(LogRing.Line::text)
        .containsExactly("line 7", "line 8", "line 9");
    assertThat(bytes.lines()).as("seven bytes each").hasSize(3);
  }
}
