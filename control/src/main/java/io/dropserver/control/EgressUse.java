package io.dropserver.control;

/**
 * Counts the egress of one appspace since the server started.
 *
 * @param connections from the app that are open now
 * @param refused how many of the requests were refused
 */
public record EgressUse(
    String appspace,
    int connections,
    long requests,
    long refused,
    long sentBytes,
    long receivedBytes) {}
