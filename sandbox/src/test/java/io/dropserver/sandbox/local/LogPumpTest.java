package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.log.LogRing;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogPumpTest {
  private final LogRing ring = new LogRing(Clock.systemUTC());

  @Test
  void anAppThatFloodsItsLogWaitsForIt() throws InterruptedException {
    AtomicLong read = new AtomicLong();
    InputStream flood =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("read in chunks");
          }

          @Override
          public int read(byte[] into, int from, int length) {
            Arrays.fill(into, from, from + length, (byte) '\n');
            read.addAndGet(length);
            return Thread.currentThread().isInterrupted() ? -1 : length;
          }
        };
    long begun = System.nanoTime();
    Thread pump = LogPump.start(flood, LogRing.Stream.STDOUT, ring);
    Thread.sleep(Duration.ofSeconds(2));
    await().until(() -> read.get() >= 15L << 10);
    pump.interrupt();
    pump.join();
    long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    // Each empty line counts as 65 bytes, because reading lines costs more than reading text.
    assertThat(read.get()).isLessThan((3 + seconds) << 14);
  }

  @Test
  void aFewThousandLinesAtOnceDoNotWait() throws InterruptedException {
    byte[] lines = "a line that says something\n".repeat(5_000).getBytes(StandardCharsets.UTF_8);
    long begun = System.nanoTime();
    LogPump.start(new ByteArrayInputStream(lines), LogRing.Stream.STDERR, ring).join();
    assertThat(ring.lines().getLast().number()).isEqualTo(5_000);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
  }
}
