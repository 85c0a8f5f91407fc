package io.dropserver.control;

import java.time.Instant;

/**
 * One request to a host of an appspace, also if it was refused.
 *
 * @param time of the end of the response
 * @param path as the client wrote it, without the query, at most 200 characters
 * @param millis from the request's head to the last byte of its response
 */
public record VisitorRequest(Instant time, String method, String path, int status, long millis) {}
