package io.dropserver.control;

import java.time.Instant;

/** One line of the log of an appspace. */
public record LogLine(Instant time, String stream, String text) {}
