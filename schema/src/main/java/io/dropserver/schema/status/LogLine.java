package io.dropserver.schema.status;

import java.time.Instant;

public record LogLine(Instant time, String stream, String text) {}
