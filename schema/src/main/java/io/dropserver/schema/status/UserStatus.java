package io.dropserver.schema.status;

import java.util.List;

/**
 * A user, with the credentials and sessions.
 *
 * @param role {@code admin} or {@code member}
 * @param sessions most recently used first
 */
public record UserStatus(
    String name,
    String displayName,
    String role,
    List<CredentialStatus> credentials,
    List<SessionStatus> sessions) {}
