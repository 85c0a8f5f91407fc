package io.dropserver.sandbox;

import java.time.Duration;

/**
 * For whom a sandbox runs. Decides how long a start waits for a place, and for how long a lease
 * keeps it.
 *
 * @param client of a visitor: the client's network, or the appspace whose app sent the request; of
 *     a member: the user's name; empty for the other kinds
 */
public record LeaseCaller(Kind kind, String client) {
  public static final LeaseCaller MAINTENANCE = new LeaseCaller(Kind.MAINTENANCE, "");
  public static final LeaseCaller JOB = new LeaseCaller(Kind.JOB, "");
  public static final LeaseCaller BACKGROUND = new LeaseCaller(Kind.BACKGROUND, "");

  /** The kinds in the order in which they get places. */
  public enum Kind {
    /** Upgrades, migrations and trial starts. */
    MAINTENANCE(Duration.ofMinutes(15)),
    MEMBER(Duration.ofMinutes(2)),
    JOB(Duration.ofMinutes(2)),
    /** Clients without log-in, and apps that call another appspace. */
    VISITOR(Duration.ofSeconds(30)),
    /** The server itself, for an app that runs without requests. It does not wait. */
    BACKGROUND(Duration.ZERO);

    private final Duration longestWait;

    Kind(Duration longestWait) {
      this.longestWait = longestWait;
    }

    /** Returns how long a start waits for a place before it fails. */
    public Duration longestWait() {
      return longestWait;
    }

    /** Returns whether this kind gets a place before the other. */
    public boolean isBefore(Kind other) {
      return compareTo(other) < 0;
    }
  }

  public static LeaseCaller member(String user) {
    return new LeaseCaller(Kind.MEMBER, user);
  }

  public static LeaseCaller visitor(String client) {
    return new LeaseCaller(Kind.VISITOR, client);
  }
}
