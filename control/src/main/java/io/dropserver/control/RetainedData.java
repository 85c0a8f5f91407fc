package io.dropserver.control;

import java.time.Instant;

/** Data of an appspace that is no longer declared. */
public record RetainedData(
    String id, String appspace, String app, String owner, Instant retainedAt, long sizeBytes) {}
