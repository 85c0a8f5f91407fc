package io.dropserver.state.condition;

import java.time.Instant;

/** An event of an object. */
public record Event(
    Instant time, String kind, String name, String reason, String message, boolean warning) {}
