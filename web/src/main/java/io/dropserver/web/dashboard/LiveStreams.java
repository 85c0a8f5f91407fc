package io.dropserver.web.dashboard;

import io.dropserver.sandbox.budget.Budget;
import java.util.Optional;

/** Limits the number of open streams: in total, per user and per session. Thread-safe. */
final class LiveStreams implements AutoCloseable {
  /** For the tabs of one browser. */
  static final int SESSION = 6;

  /** For the tabs of one user in all browsers. */
  static final int USER = 24;

  static final int ALL = 200;

  private final Budget<String> users = new Budget<>(ALL, USER);
  private final Budget<String> sessions = new Budget<>(ALL, SESSION);
  private volatile boolean closed;

  /** A reservation for one stream. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Reserves a place for a stream.
   *
   * @param session the id of the session
   * @return empty when a limit is reached
   */
  Optional<Place> enter(String user, String session) {
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

  /** The number of open streams. */
  int count() {
    return (int) users.taken();
  }

  /** Whether every stream must end. */
  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
