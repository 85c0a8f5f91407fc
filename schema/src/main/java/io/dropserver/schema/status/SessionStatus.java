package io.dropserver.schema.status;

import java.time.Instant;

/**
 * @param method {@code link}, {@code password} or {@code passkey}
 * @param agent what the browser calls itself: untrusted
 */
public record SessionStatus(
    String id, String method, String address, String agent, Instant created, Instant used) {}
