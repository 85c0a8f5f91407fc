package io.dropserver.web.identity;

import java.time.Instant;
import java.util.Optional;

/**
 * A registered passkey, as the account page and the control API list it.
 *
 * @param handle 12 hexadecimal digits that identify it
 * @param label the name that the person gave it
 * @param domain the only domain that it works on
 * @param copied whether its signature counter decreased, which indicates a copy; it is not accepted
 *     any more
 */
public record Passkey(
    String handle,
    String label,
    String domain,
    Instant created,
    Optional<Instant> used,
    boolean copied) {}
