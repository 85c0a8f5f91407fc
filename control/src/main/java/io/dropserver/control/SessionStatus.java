package io.dropserver.control;

import java.time.Instant;

/**
 * A session of a user.
 *
 * @param method {@code link}, {@code password}, {@code passkey} or {@code openid}
 * @param agent the browser's {@code User-Agent}: untrusted
 */
public record SessionStatus(
    String id, String method, String address, String agent, Instant created, Instant used) {}
