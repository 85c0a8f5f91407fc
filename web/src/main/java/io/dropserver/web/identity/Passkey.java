package io.dropserver.web.identity;

import java.time.Instant;
import java.util.Optional;

/**
 * One of somebody's passkeys, for lists.
 *
 * @param handle tells it apart: 12 hexadecimal digits
 * @param label the person's own words
 * @param domain the only one on which it works
 * @param suspect it counted backwards, as a copy of it would; it lets nobody in any more
 */
public record Passkey(
    String handle,
    String label,
    String domain,
    Instant created,
    Optional<Instant> used,
    boolean suspect) {}
