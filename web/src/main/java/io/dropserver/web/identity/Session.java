package io.dropserver.web.identity;

import java.time.Instant;

/**
 * A browser in which a person logged in. Thread-safe.
 *
 * <p>It ends when it is revoked, {@link SessionStore#IDLE_TIMEOUT} after its last use, and {@link
 * SessionStore#MAX_LIFETIME} after the log-in.
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

  /** An id for lists, not a secret. */
  public String id() {
    return id;
  }

  public String user() {
    return user;
  }

  public LoginMethod method() {
    return loginMethod;
  }

  /** The client's address at the log-in. */
  public String address() {
    return address;
  }

  /** The browser's {@code User-Agent} at the log-in: untrusted. */
  public String agent() {
    return agent;
  }

  public Instant created() {
    return created;
  }

  /** The last use, accurate to about a minute. */
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
   * Records a use.
   *
   * @return whether the caller should write it to the database
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
