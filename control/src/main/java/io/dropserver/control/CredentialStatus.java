package io.dropserver.control;

import java.time.Instant;
import java.util.Optional;

/**
 * A credential of a user.
 *
 * @param kind {@code password} or {@code passkey}
 * @param label the name that the person gave it
 */
public record CredentialStatus(
    String id, String kind, String label, Instant created, Optional<Instant> used) {}
