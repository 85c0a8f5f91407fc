package io.dropserver.control;

import java.time.Instant;

/**
 * One outgoing request, whether it was allowed or not.
 *
 * @param url as the app wrote it, without the query; empty when the app sent none
 * @param status the status of the response to the app; 0 when the app had disconnected
 * @param decision {@code allowed}, {@code undecided}, {@code denied}, {@code refused}, {@code
 *     failed} or {@code cut}
 * @param note the reason, or the id of the pending egress request; otherwise empty
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
