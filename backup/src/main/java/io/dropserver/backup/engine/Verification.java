package io.dropserver.backup.engine;

/**
 * What a verification compared.
 *
 * @param entries compared files, ranges, symlinks and empty folders
 * @param bytes of the content that was read back
 * @param totalBytes of the content of the backup
 */
public record Verification(long entries, long bytes, long totalBytes) {}
