package io.dropserver.schema.status;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * @param setAt absent where it is not set
 * @param usedBy URLs of whitelist entries whose headers name it
 */
public record SecretStatus(
    String appspace,
    String name,
    SecretState state,
    Optional<Instant> setAt,
    List<String> usedBy) {}
