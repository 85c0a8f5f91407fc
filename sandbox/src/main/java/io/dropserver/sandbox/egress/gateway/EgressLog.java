package io.dropserver.sandbox.egress.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The latest requests of one appspace, for its owner. Bounded. Thread-safe. */
public final class EgressLog {
  private static final int CAPACITY = 1_000;
  private static final int MAX_URL = 512;

  private final Deque<Line> lines = new ArrayDeque<>(); // guarded by this
  private long count; // guarded by this
  private long refused; // guarded by this
  private long sent; // guarded by this
  private long received; // guarded by this

  /**
   * @param number counts the requests of this appspace, from 1
   */
  public record Line(long number, Entry entry) {}

  /**
   * All since this server knows the appspace, what is no longer kept included.
   *
   * @param refused those that were not passed on
   * @param sent bytes of bodies
   */
  public record Sum(long requests, long refused, long sent, long received) {}

  /**
   * @param url without query; the app's text, cut
   * @param status what the app was answered, 0 where it was gone
   * @param sent bytes of the request's body, and of a WebSocket's
   * @param note why, for refusals and failures; else empty
   */
  public record Entry(
      Instant time,
      String method,
      String url,
      int status,
      long sent,
      long received,
      Outcome outcome,
      String note) {}

  public enum Outcome {
    /** Answered by the destination. */
    ALLOWED,
    /** Waits for approval. */
    UNDECIDED,
    /** A remembered no. */
    DENIED,
    /** No whitelist could allow it. */
    REFUSED,
    /** Allowed, and the destination could not be reached or answered nonsense. */
    FAILED,
    /** Ended by a change of the policy. */
    CUT
  }

  synchronized void add(Entry entry) {
    if (lines.size() == CAPACITY) {
      lines.removeFirst();
    }
    count++;
    sent += entry.sent();
    received += entry.received();
    refused +=
        switch (entry.outcome()) {
          case UNDECIDED, DENIED, REFUSED -> 1;
          case ALLOWED, FAILED, CUT -> 0;
        };
    lines.addLast(new Line(count, entry.url().length() > MAX_URL ? cut(entry) : entry));
    notifyAll();
  }

  private static Entry cut(Entry entry) {
    return new Entry(
        entry.time(),
        entry.method(),
        entry.url().substring(0, MAX_URL) + "…",
        entry.status(),
        entry.sent(),
        entry.received(),
        entry.outcome(),
        entry.note());
  }

  /** The oldest first. */
  public synchronized List<Entry> entries() {
    return lines.stream().map(Line::entry).toList();
  }

  public synchronized Sum sum() {
    return new Sum(count, refused, sent, received);
  }

  /**
   * Waits until there are lines after the numbered one, and returns those that are still kept, the
   * oldest first; empty when the time is over.
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
}
