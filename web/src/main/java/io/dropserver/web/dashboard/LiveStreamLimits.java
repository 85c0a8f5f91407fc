package io.dropserver.web.dashboard;

import io.dropserver.base.budget.Budget;
import java.util.Optional;

/** Limits the number of open event streams: in total, per user and per session. Thread-safe. */
final class LiveStreamLimits implements AutoCloseable {
  /** The limit for all tabs of one browser. */
  static final int MAX_PER_SESSION = 6;

  /** The limit for all browsers of one user. */
  static final int MAX_PER_USER = 24;

  static final int MAX_TOTAL = 200;

  private final Budget<String> users = new Budget<>(MAX_TOTAL, MAX_PER_USER);
  private final Budget<String> sessions = new Budget<>(MAX_TOTAL, MAX_PER_SESSION);
  private volatile boolean closed;

  /** A reservation for one stream, until it is closed. */
  interface StreamSlot extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Reserves a slot for a stream.
   *
   * @param session the id of the session
   * @return empty when a limit is reached
   */
  Optional<StreamSlot> tryOpen(String user, String session) {
    Optional<Budget<String>.Claim> all = users.claim(user, 1);
    Optional<Budget<String>.Claim> own = all.flatMap(_ -> sessions.claim(session, 1));
    if (own.isEmpty()) {
      all.ifPresent(Budget.Claim::close);
      return Optional.empty();
    }
    return Optional.of(
        () -> {
          own.get().close();
          all.get().close();
        });
  }

  /** Returns the number of open streams. */
  int count() {
    return (int) users.taken();
  }

  /** Returns whether all streams must end, because the server stops. */
  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
