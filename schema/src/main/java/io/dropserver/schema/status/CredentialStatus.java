package io.dropserver.schema.status;

import java.time.Instant;
import java.util.Optional;

/**
 * @param kind {@code password} or {@code passkey}
 * @param label what the person calls it
 */
public record CredentialStatus(
    String id, String kind, String label, Instant created, Optional<Instant> used) {}
