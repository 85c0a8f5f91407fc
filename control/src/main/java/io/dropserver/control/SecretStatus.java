package io.dropserver.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A secret, without its value.
 *
 * @param setAt absent when the secret is not set on the server
 * @param usedBy URLs of the whitelist entries whose headers refer to it
 */
public record SecretStatus(
    String appspace,
    String name,
    SecretState state,
    Optional<Instant> setAt,
    List<String> usedBy) {}
