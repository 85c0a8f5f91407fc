package io.dropserver.sandbox.local;

import io.dropserver.sandbox.log.LogRing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Reads one output of a sandbox to its end, so that the app does not block on a full pipe. An app
 * that floods its log does block, because reading uses the server's CPU time. Lines that are too
 * long are split, so that memory stays bounded whatever the app writes.
 */
final class LogPump {
  private static final int MAX_LINE = 4 << 10;
  private static final int STACK_BYTES = 128 << 10;

  /** The CPU cost of a line, as a number of bytes with the same cost. */
  private static final int LINE_BYTES = 64;

  private static final long BURST_BYTES = 1 << 20;
  private static final long BYTES_PER_SECOND = 1 << 20;

  private final InputStream output;
  private final LogRing.Stream stream;
  private final LogRing ring;
  private final byte[] line = new byte[MAX_LINE];
  private int length;

  /**
   * The bytes that may be read without a pause, as of {@link #budgetTime}; negative after an
   * overdraft.
   */
  private long budget = BURST_BYTES;

  private long budgetTime = System.nanoTime();

  private LogPump(InputStream output, LogRing.Stream stream, LogRing ring) {
    this.output = output;
    this.stream = stream;
    this.ring = ring;
  }

  /**
   * Starts a platform thread, because reading a pipe would block the carrier of a virtual thread,
   * and the server reads a few hundred pipes.
   */
  static Thread start(InputStream output, LogRing.Stream stream, LogRing ring) {
    LogPump pump = new LogPump(output, stream, ring);
    return Thread.ofPlatform().daemon().name("sandbox-log").stackSize(STACK_BYTES).start(pump::run);
  }

  private void run() {
    byte[] chunk = new byte[MAX_LINE];
    try (output) {
      for (int count = output.read(chunk); count >= 0; count = output.read(chunk)) {
        for (int index = 0; index < count; index++) {
          append(chunk[index]);
        }
        pace(count);
      }
    } catch (IOException | InterruptedException closed) {
      // The sandbox was stopped during the wait.
    }
    if (length > 0) {
      flush();
    }
  }

  private void pace(int count) throws InterruptedException {
    budget -= count;
    if (budget < 0) {
      long now = System.nanoTime();
      long seconds = TimeUnit.NANOSECONDS.toSeconds(now - budgetTime);
      budget =
          seconds >= 1
              ? BURST_BYTES
              : budget + (now - budgetTime) * BYTES_PER_SECOND / TimeUnit.SECONDS.toNanos(1);
      budgetTime = now;
      if (budget < 0) {
        Thread.sleep(-budget * 1_000 / BYTES_PER_SECOND + 1);
      }
    }
  }

  private void append(byte next) {
    if (next == '\n') {
      flush();
      return;
    }
    line[length] = next;
    length++;
    if (length == MAX_LINE) {
      flush();
    }
  }

  private void flush() {
    ring.add(stream, new String(line, 0, length, StandardCharsets.UTF_8));
    length = 0;
    budget -= LINE_BYTES;
  }
}
