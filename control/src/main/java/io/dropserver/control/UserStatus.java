package io.dropserver.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A user, with the credentials and sessions.
 *
 * @param role {@code admin} or {@code member}
 * @param sessions most recently used first
 * @param groups the groups of which the user is a member
 * @param linkUntil when the unused login link expires; empty if there is none
 */
public record UserStatus(
    String name,
    String displayName,
    String role,
    List<CredentialStatus> credentials,
    List<SessionStatus> sessions,
    List<Membership> groups,
    Optional<Instant> linkUntil) {

  /** Creates the status of a user without groups and without a login link. */
  public UserStatus(
      String name,
      String displayName,
      String role,
      List<CredentialStatus> credentials,
      List<SessionStatus> sessions) {
    this(name, displayName, role, credentials, sessions, List.of(), Optional.empty());
  }
}
