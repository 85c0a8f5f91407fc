package io.dropserver.schema.status;

/**
 * @param connections open now, from the app
 * @param refused of the requests
 */
public record EgressUse(
    String appspace,
    int connections,
    long requests,
    long refused,
    long sentBytes,
    long receivedBytes) {}
