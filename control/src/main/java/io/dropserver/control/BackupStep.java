package io.dropserver.control;

/**
 * The progress of a backup operation.
 *
 * @param phase such as {@code copying}
 * @param percent -1 when unknown
 */
public record BackupStep(String appspace, String phase, int percent, long bytes, long files) {}
