package io.dropserver.web.identity;

import io.dropserver.schema.instance.ProviderAccount;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A log-in of a person in one browser. Thread-safe.
 *
 * <p>A session ends when it is revoked, {@link SessionStore#IDLE_TIMEOUT} after its last use, or
 * {@link SessionStore#MAX_LIFETIME} after the log-in, and if the date was set back, {@link
 * SessionStore#MAX_AHEAD} after that.
 *
 * @param id not secret
 * @param address the client's address at the log-in
 * @param agent the browser's {@code User-Agent} at the log-in: untrusted
 * @param authenticated when the person proved their identity: at the log-in, or earlier at a
 *     provider that still had a session
 * @param account the account of a provider; empty for other methods
 * @param use what changes during the session
 */
public record Session(
    String id,
    String user,
    LoginMethod method,
    String address,
    String agent,
    Instant created,
    Instant authenticated,
    Optional<ProviderAccount> account,
    Use use) {

  /** The last use of a session, and its end. Thread-safe. */
  static final class Use {
    private volatile Instant last;
    private volatile Instant stored;
    private volatile boolean ended;

    /** When the last use was first found to be later than the date, in elapsed time. */
    private volatile @Nullable Instant aheadSince;

    Use(Instant last) {
      this.last = last;
      this.stored = last;
    }
  }

  /** Returns the last use, accurate to about a minute. */
  public Instant used() {
    return use.last;
  }

  boolean isActive(Instant now) {
    return !use.ended
        && now.isBefore(use.last.plus(SessionStore.IDLE_TIMEOUT))
        && now.isBefore(created.plus(SessionStore.MAX_LIFETIME));
  }

  /**
   * Returns whether the last use has been later than the date for {@link SessionStore#MAX_AHEAD}.
   *
   * @param elapsed the time of a clock that follows no change of the date
   */
  boolean isAhead(Instant now, Instant elapsed) {
    if (!use.last.isAfter(now)) {
      use.aheadSince = null;
      return false;
    }
    Instant since = use.aheadSince;
    if (since == null) {
      use.aheadSince = elapsed;
      return false;
    }
    return !elapsed.isBefore(since.plus(SessionStore.MAX_AHEAD));
  }

  void end() {
    use.ended = true;
  }

  /**
   * Updates the time of the last use, at most once per {@link SessionStore#USE_RESOLUTION}.
   *
   * @return whether the caller should write the time to the database
   */
  boolean recordUse(Instant now) {
    if (now.isAfter(use.last.plus(SessionStore.USE_RESOLUTION))) {
      use.last = now;
    }
    if (use.last.isAfter(use.stored.plus(SessionStore.USE_WRITE_INTERVAL))) {
      use.stored = use.last;
      return true;
    }
    return false;
  }
}
