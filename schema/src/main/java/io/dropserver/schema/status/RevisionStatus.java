package io.dropserver.schema.status;

import java.time.Instant;
import java.util.Optional;

/**
 * @param served full commit id; empty before the first
 * @param seen newest commit seen at the remote
 */
public record RevisionStatus(
    Optional<String> served,
    Optional<Instant> servedAt,
    Optional<String> seen,
    Optional<Instant> seenAt) {}
