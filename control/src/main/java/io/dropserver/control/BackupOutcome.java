package io.dropserver.control;

import java.util.Map;

/**
 * The result of a backup operation.
 *
 * @param message text for a person, of one or more lines
 * @param fields for {@code -o json}
 */
public record BackupOutcome(String message, Map<String, Object> fields) {}
