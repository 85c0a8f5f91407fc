package io.dropserver.web.dashboard;

import io.dropserver.web.identity.Session;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many streams are open, in all and of each session. Thread-safe. */
final class LiveStreams implements AutoCloseable {
  /** Tabs that somebody has open. */
  static final int EACH = 6;

  static final int ALL = 200;

  private final Map<String, Integer> bySession = new ConcurrentHashMap<>();
  private final AtomicInteger all = new AtomicInteger();
  private volatile boolean closed;

  /** A place for one stream. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @return null when there are too many
   */
  @org.jspecify.annotations.Nullable
  Place enter(Session session) {
    if (all.incrementAndGet() > ALL) {
      all.decrementAndGet();
      return null;
    }
    int own = bySession.merge(session.id(), 1, Integer::sum);
    Place place =
        () -> {
          bySession.computeIfPresent(session.id(), (id, open) -> open == 1 ? null : open - 1);
          all.decrementAndGet();
        };
    if (own > EACH) {
      place.close();
      return null;
    }
    return place;
  }

  /** Open now. */
  int count() {
    return all.get();
  }

  /** Whether every stream is to end. */
  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
