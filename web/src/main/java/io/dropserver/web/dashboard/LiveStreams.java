package io.dropserver.web.dashboard;

import io.dropserver.sandbox.budget.Budget;
import java.util.Optional;

/** How many streams are open: in all, of each user and of each session. Thread-safe. */
final class LiveStreams implements AutoCloseable {
  /** Tabs of one browser. */
  static final int SESSION = 6;

  /** Tabs of one user in all browsers. */
  static final int USER = 24;

  static final int ALL = 200;

  private final Budget<String> users = new Budget<>(ALL, USER);
  private final Budget<String> sessions = new Budget<>(ALL, SESSION);
  private volatile boolean closed;

  /** A place for one stream. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * A place; empty when there are too many.
   *
   * @param user whose session it is
   * @param session its id
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

  /** Open now. */
  int count() {
    return (int) users.taken();
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
