package io.dropserver.control;

import java.time.Instant;
import java.util.Optional;

/**
 * A user's membership in a group.
 *
 * @param issuer the provider whose claim makes the user a member; empty if Git declares it
 * @param until when a membership by a claim ends
 */
public record Membership(
    String group, String user, Optional<String> issuer, Optional<Instant> until) {

  public static Membership inGit(String group, String user) {
    return new Membership(group, user, Optional.empty(), Optional.empty());
  }

  public static Membership byClaim(String group, String user, String issuer, Instant until) {
    return new Membership(group, user, Optional.of(issuer), Optional.of(until));
  }
}
