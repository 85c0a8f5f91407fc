package io.dropserver.sandbox.log;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The last lines of one appspace's output. It is kept outside the sandbox and outlives it. Lines,
 * bytes and bytes per second are bounded. In a flood, the oldest lines are removed, and lines
 * beyond the rate limit are dropped and counted. The text comes from the app and may contain
 * control characters: code that displays it must escape it.
 *
 * <p>Thread-safe.
 */
public final class LogRing {
  private static final int MAX_BYTES_PER_WINDOW = 256 << 10;
  private static final Duration WINDOW = Duration.ofSeconds(1);

  public enum Stream {
    STDOUT,
    STDERR,

    /** Written by the server about the sandbox. */
    SERVER
  }

  /**
   * @param number the sequence number of the line in this log, from 1
   */
  public record Line(long number, Instant time, Stream stream, String text) {}

  /**
   * How much of a log is retained.
   *
   * @param bytes of the lines' text in UTF-8
   */
  public record Retention(int lines, long bytes) {
    public static final Retention DEFAULT = new Retention(2_000, 512 << 10);
  }

  private final Clock clock;
  private final Retention retention;

  // guarded by this, as are all fields below
  private final Deque<Line> lines = new ArrayDeque<>();
  private long bytes;
  private Instant windowStart = Instant.EPOCH;
  private long windowBytes;
  private long dropped;
  private long count;

  public LogRing(Clock clock) {
    this(clock, Retention.DEFAULT);
  }

  LogRing(Clock clock, Retention retention) {
    this.clock = clock;
    this.retention = retention;
  }

  public synchronized void add(Stream stream, String text) {
    Instant now = clock.instant();
    if (!now.isBefore(windowStart.plus(WINDOW)) || now.isBefore(windowStart)) {
      reportDropped(now);
      windowStart = now;
      windowBytes = 0;
    }
    windowBytes += size(text);
    if (windowBytes > MAX_BYTES_PER_WINDOW) {
      dropped++;
      return;
    }
    append(now, stream, text);
  }

  /** Counts lines that the caller has dropped. */
  public synchronized void drop(long lines) {
    dropped += lines;
  }

  /** Returns the number of lines since the log was created. */
  public synchronized long count() {
    return count;
  }

  /** Returns the lines in the log, oldest first. */
  public synchronized List<Line> lines() {
    reportDropped(clock.instant());
    return List.copyOf(lines);
  }

  /**
   * Waits for lines after the given number, and returns those that are still in the log; empty on
   * timeout.
   */
  public synchronized List<Line> awaitAfter(long number, Duration timeout)
      throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    for (long left = timeout.toNanos(); count <= number && left > 0; ) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
    return lines.stream().filter(line -> line.number() > number).toList();
  }

  private void reportDropped(Instant now) {
    if (dropped > 0) {
      append(now, Stream.SERVER, dropped + " lines dropped: more than the log can store");
      dropped = 0;
    }
  }

  private void append(Instant time, Stream stream, String text) {
    count++;
    lines.add(new Line(count, time, stream, text));
    notifyAll();
    bytes += size(text);
    while (lines.size() > retention.lines() || bytes > retention.bytes()) {
      bytes -= size(lines.removeFirst().text());
    }
  }

  /**
   * Returns the size in UTF-8, including the line end. Computed, because encoding a flood of lines
   * would fill the heap.
   */
  private static long size(String text) {
    return 1 + text.chars().mapToLong(LogRing::size).sum();
  }

  private static long size(int half) {
    if (half < 0x80) {
      return 1;
    }
    return half < 0x800 || Character.isSurrogate((char) half) ? 2 : 3;
  }
}
