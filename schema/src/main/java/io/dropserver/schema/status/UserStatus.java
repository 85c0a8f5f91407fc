package io.dropserver.schema.status;

import java.util.List;

/**
 * @param role {@code admin} or {@code member}
 * @param sessions the last used first
 */
public record UserStatus(
    String name,
    String displayName,
    String role,
    List<CredentialStatus> credentials,
    List<SessionStatus> sessions) {}
