package io.dropserver.control;

import java.time.Instant;
import java.util.Optional;

/**
 * A line of the audit log. The components are those of {@link AuditSource} and {@link AuditTrail}.
 *
 * @param time the end of the operation, or its start if the outcome is {@code started}
 * @param count the number of equal operations that this record stands for; empty for one
 */
public record AuditRecord(
    Instant time,
    String actor,
    Optional<Integer> uid,
    Optional<String> sudoUser,
    String action,
    String object,
    String outcome,
    String from,
    Optional<Long> count) {}
