package io.dropserver.egress.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The latest requests of one appspace, which its owner can inspect. Keeps {@link #CAPACITY}
 * entries. Thread-safe.
 */
public final class EgressLog {
  private static final int CAPACITY = 1_000;
  private static final int MAX_URL = 512;

  private final Deque<Line> lines = new ArrayDeque<>(); // guarded by this
  private long count; // guarded by this
  private long refused; // guarded by this
  private long sent; // guarded by this
  private long received; // guarded by this

  /**
   * @param number the sequence number of the request in this appspace, from 1
   */
  public record Line(long number, Entry entry) {}

  /**
   * Totals since the account was created, including requests that are no longer in the log.
   *
   * @param refused requests that were not forwarded
   * @param sent bytes of bodies
   */
  public record Sum(long requests, long refused, long sent, long received) {}

  /**
   * @param url without query; untrusted text from the app, shortened
   * @param status the status sent to the app, 0 if it had disconnected
   * @param sent bytes of the request's body, and of a WebSocket
   * @param note the cause of a refusal or failure; otherwise empty
   */
  public record Entry(
      Instant time,
      String method,
      String url,
      int status,
      long sent,
      long received,
      Outcome outcome,
      String note) {
    public Entry {
      url = url.length() > MAX_URL ? url.substring(0, MAX_URL) + "…" : url;
    }
  }

  public enum Outcome {
    /** The destination answered. */
    ALLOWED,
    /** The request waits for approval. */
    UNDECIDED,
    /** A recorded denial applies. */
    DENIED,
    /** The request was refused, and no whitelist could allow it. */
    REFUSED,
    /**
     * The request was allowed, but the destination could not be reached or sent an invalid
     * response.
     */
    FAILED,
    /** A policy change ended the request. */
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
    lines.addLast(new Line(count, entry));
    notifyAll();
  }

  /** Returns the entries in the log, oldest first. */
  public synchronized List<Entry> entries() {
    return lines.stream().map(Line::entry).toList();
  }

  public synchronized Sum sum() {
    return new Sum(count, refused, sent, received);
  }

  /**
   * Waits for lines after the given number, and returns those that are still in the log, oldest
   * first; empty on timeout.
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
