package io.dropserver.schema.status;

/**
 * @param phase such as {@code copying}
 * @param percent -1 where it cannot be told
 */
public record BackupStep(String appspace, String phase, int percent, long bytes, long files) {}
