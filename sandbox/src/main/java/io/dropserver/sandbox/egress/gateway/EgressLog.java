package io.dropserver.sandbox.egress.gateway;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The latest requests of one appspace, for its owner. Bounded. Thread-safe. */
public final class EgressLog {
  private static final int CAPACITY = 1_000;
  private static final int MAX_URL = 512;

  private final Deque<Entry> entries = new ArrayDeque<>(); // guarded by this

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
    if (entries.size() == CAPACITY) {
      entries.removeFirst();
    }
    entries.addLast(entry.url().length() > MAX_URL ? cut(entry) : entry);
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
    return new ArrayList<>(entries);
  }
}
