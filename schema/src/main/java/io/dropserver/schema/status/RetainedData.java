package io.dropserver.schema.status;

import java.time.Instant;

public record RetainedData(
    String id, String appspace, String app, String owner, Instant retainedAt, long sizeBytes) {}
