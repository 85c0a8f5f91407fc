package io.dropserver.web.identity;

import java.time.Instant;

/**
 * A log-in of a person in one browser. Thread-safe.
 *
 * <p>A session ends when it is revoked, {@link SessionStore#IDLE_TIMEOUT} after its last use, or
 * {@link SessionStore#MAX_LIFETIME} after the log-in.
 */
public final class Session {
  private final String id;
  private final String user;
  private final LoginMethod loginMethod;
  private final String address;
  private final String agent;
  private final Instant created;
  private volatile Instant used;
  private volatile Instant usedOnDisk;
  private volatile boolean ended;

  Session(
      String id,
      String user,
      LoginMethod loginMethod,
      String address,
      String agent,
      Instant created,
      Instant used) {
    this.id = id;
    this.user = user;
    this.loginMethod = loginMethod;
    this.address = address;
    this.agent = agent;
    this.created = created;
    this.used = used;
    this.usedOnDisk = used;
  }

  /** Returns an id that is not secret. */
  public String id() {
    return id;
  }

  public String user() {
    return user;
  }

  public LoginMethod method() {
    return loginMethod;
  }

  /** Returns the client's address at the log-in. */
  public String address() {
    return address;
  }

  /** Returns the browser's {@code User-Agent} at the log-in: untrusted. */
  public String agent() {
    return agent;
  }

  public Instant created() {
    return created;
  }

  /** Returns the last use, accurate to about a minute. */
  public Instant used() {
    return used;
  }

  boolean isActive(Instant now) {
    return !ended
        && now.isBefore(used.plus(SessionStore.IDLE_TIMEOUT))
        && now.isBefore(created.plus(SessionStore.MAX_LIFETIME));
  }

  void end() {
    ended = true;
  }

  /**
   * Updates the time of the last use, at most once per {@link SessionStore#USE_RESOLUTION}.
   *
   * @return whether the caller should write the time to the database
   */
  boolean recordUse(Instant now) {
    if (now.isAfter(used.plus(SessionStore.USE_RESOLUTION))) {
      used = now;
    }
    if (used.isAfter(usedOnDisk.plus(SessionStore.USE_WRITE_INTERVAL))) {
      usedOnDisk = used;
      return true;
    }
    return false;
  }
}
