package io.dropserver.sandbox.local;

import io.dropserver.sandbox.log.LogRing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Reads one output of a sandbox to its end, so that the app does not block on a full pipe. Beyond
 * its allowance, lines are dropped and counted. Dropping uses the server's CPU time too, so an app
 * that floods its log beyond a second allowance does block. Lines that are too long are split, so
 * that memory stays bounded whatever the app writes.
 */
final class LogPump {
  private static final int MAX_LINE = 4 << 10;
  private static final int STACK_BYTES = 128 << 10;

  /** The CPU cost of a line, as a number of bytes with the same cost. */
  private static final int LINE_BYTES = 64;

  private static final int CHUNK_BYTES = 64 << 10;

  private final InputStream output;
  private final LogRing.Stream stream;
  private final LogRing ring;
  private final byte[] line = new byte[MAX_LINE];
  private int length;

  /** What is kept costs about 50 times as much CPU time as what is dropped. */
  private final Allowance kept = new Allowance(1 << 20, 1 << 20);

  private final Allowance read = new Allowance(128 << 20, 16 << 20);

  /** The bytes of the current line that were dropped; 0 outside a dropped line. */
  private int skipped;

  /** Whether the beginning of the current line was kept, so that its rest is not counted. */
  private boolean cut;

  private long dropped;

  /** A number of bytes that grows with time up to a maximum. May be overdrawn. */
  private static final class Allowance {
    private final long most;
    private final long perSecond;
    private long left;
    private long time = System.nanoTime();

    Allowance(long most, long perSecond) {
      this.most = most;
      this.perSecond = perSecond;
      this.left = most;
    }

    void spend(long bytes) {
      left -= bytes;
    }

    /** Returns whether there is no overdraft now. */
    boolean isAvailable() {
      if (left < 0) {
        long now = System.nanoTime();
        long passed = Math.min(now - time, TimeUnit.MINUTES.toNanos(1));
        left =
            Math.min(most, left + passed * (perSecond >> 10) / (TimeUnit.SECONDS.toNanos(1) >> 10));
        time = now;
      }
      return left >= 0;
    }

    void awaitAvailable() throws InterruptedException {
      while (!isAvailable()) {
        Thread.sleep(-left * 1_000 / perSecond + 1);
      }
    }
  }

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
    byte[] chunk = new byte[CHUNK_BYTES];
    try (output) {
      for (int count = output.read(chunk); count >= 0; count = output.read(chunk)) {
        boolean keeps = kept.isAvailable();
        if (!keeps && length > 0) {
          flush();
          cut = true;
        }
        for (int index = 0; index < count; index++) {
          if (keeps && skipped == 0) {
            append(chunk[index]);
          } else {
            skip(chunk[index]);
          }
        }
        reportDropped();
        read.spend(count);
        read.awaitAvailable();
      }
    } catch (IOException | InterruptedException closed) {
      // The sandbox was stopped during the wait.
    }
    if (length > 0) {
      flush();
    }
    if (skipped > 0) {
      endSkippedLine();
    }
    reportDropped();
  }

  private void skip(byte next) {
    skipped++;
    if (next == '\n' || skipped == MAX_LINE) {
      endSkippedLine();
    }
  }

  private void endSkippedLine() {
    skipped = 0;
    if (!cut) {
      dropped++;
    }
    cut = false;
  }

  private void reportDropped() {
    if (dropped > 0) {
      ring.drop(dropped);
      dropped = 0;
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
    kept.spend(length + LINE_BYTES);
    length = 0;
  }
}
