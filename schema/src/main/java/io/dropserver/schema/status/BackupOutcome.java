package io.dropserver.schema.status;

import java.util.Map;

/**
 * @param message one sentence for a person
 * @param fields for {@code -o json}
 */
public record BackupOutcome(String message, Map<String, Object> fields) {}
