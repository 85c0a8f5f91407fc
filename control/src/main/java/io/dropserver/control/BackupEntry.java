package io.dropserver.control;

import java.time.Instant;
import java.util.Optional;

/**
 * A snapshot in the backup repository.
 *
 * @param verifiedAt when a sample of the snapshot was last restored and compared
 */
public record BackupEntry(
    String snapshot,
    String appspace,
    String app,
    String owner,
    Instant time,
    long files,
    long bytes,
    Optional<Instant> verifiedAt) {}
