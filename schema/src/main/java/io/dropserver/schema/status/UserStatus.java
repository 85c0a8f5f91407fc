package io.dropserver.schema.status;

import java.util.List;

/**
 * A user, with the credentials and sessions.
 *
 * @param role {@code admin} or {@code member}
 * @param groups the groups of which the user is a member
 * @param sessions most recently used first
 */
public record UserStatus(
    String name,
    String displayName,
    String role,
    List<CredentialStatus> credentials,
    List<SessionStatus> sessions,
    List<Membership> groups) {

  /** Creates the status of a user without groups. */
  public UserStatus(
      String name,
      String displayName,
      String role,
      List<CredentialStatus> credentials,
      List<SessionStatus> sessions) {
    this(name, displayName, role, credentials, sessions, List.of());
  }
}
