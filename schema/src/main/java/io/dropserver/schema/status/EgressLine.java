package io.dropserver.schema.status;

import java.time.Instant;

/**
 * One request, refused or not.
 *
 * @param url the app's text, without its query; empty where it sent none
 * @param status what the app was answered; 0 where it was gone
 * @param decision {@code allowed}, {@code undecided}, {@code denied}, {@code refused}, {@code
 *     failed} or {@code cut}
 * @param note why, or the id of the request that waits; else empty
 */
public record EgressLine(
    Instant time,
    String method,
    String url,
    int status,
    long sentBytes,
    long receivedBytes,
    String decision,
    String note) {}
