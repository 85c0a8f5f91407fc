package io.dropserver.schema.status;

import java.time.Instant;

public record Event(
    Instant time, String kind, String name, String reason, String message, boolean warning) {}
