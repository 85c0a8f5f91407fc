package io.dropserver.sandbox.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.log.LogRing;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogPumpTest {
  private final LogRing ring = new LogRing(Clock.systemUTC());

  @Test
  void anAppThatFloodsItsLogWithoutEndWaitsForIt() throws InterruptedException {
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
    await().until(() -> read.get() > 128L << 20);
    pump.interrupt();
    pump.join();
    long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    assertThat(read.get()).isLessThan((128 + 16 * (2 + seconds)) << 20);
  }

  @Test
  void anAppThatPrintsAHundredMegabytesGoesOnAndItsDroppedLinesAreCounted() throws Exception {
    byte[] line = "a line of a flood that is longer than its allowance, as text\n".getBytes(UTF_8);
    byte[] text = new byte[(100 << 20) / line.length * line.length];
    for (int i = 0; i < text.length; i += line.length) {
      System.arraycopy(line, 0, text, i, line.length);
    }
    // In one second of the log's clock, which stands still.
    LogRing log = new LogRing(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    Thread pump = LogPump.start(new ByteArrayInputStream(text), LogRing.Stream.STDOUT, log);
    assertThat(pump.join(Duration.ofSeconds(60))).isTrue();
    LogRing.Line last = log.lines().getLast();
    assertThat(last.stream()).isEqualTo(LogRing.Stream.SERVER);
    long dropped = Long.parseLong(last.text().substring(0, last.text().indexOf(' ')));
    assertThat(last.number() - 1 + dropped).isEqualTo(text.length / line.length);
  }

  @Test
  void whatFollowsAFloodIsKeptFromTheNextLineOn() throws Exception {
    String flood = "x".repeat((2 << 20) + 5) + "\n";
    PipedOutputStream app = new PipedOutputStream();
    Thread pump = LogPump.start(new PipedInputStream(app, 1 << 16), LogRing.Stream.STDOUT, ring);
    app.write(flood.getBytes(UTF_8));
    await()
        .until(
            () -> {
              app.write("after\n".getBytes(UTF_8));
              app.flush();
              return ring.lines().stream().anyMatch(line -> line.text().equals("after"));
            });
    app.close();
    pump.join();
    assertThat(ring.lines())
        .anyMatch(line -> line.text().endsWith("lines dropped: more than the log can store"));
    assertThat(ring.lines().stream().filter(line -> !line.text().startsWith("x")))
        .allMatch(line -> line.text().equals("after") || line.stream() == LogRing.Stream.SERVER);
  }

  @Test
  void aFewThousandLinesAtOnceDoNotWait() throws InterruptedException {
    byte[] lines = "a line that says something\n".repeat(5_000).getBytes(UTF_8);
    long begun = System.nanoTime();
    LogPump.start(new ByteArrayInputStream(lines), LogRing.Stream.STDERR, ring).join();
    assertThat(ring.lines().getLast().number()).isEqualTo(5_000);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
  }
}
