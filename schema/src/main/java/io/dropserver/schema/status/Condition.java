package io.dropserver.schema.status;

import java.time.Instant;
import java.util.Optional;

/**
 * One condition of an object or of the server, as JSON and the database contain it. Its type and
 * reason are plain words there: another release may have written them.
 *
 * @param type such as {@code Ready}
 * @param status whether it is true
 * @param since of the last change of status
 */
public record Condition(
    String type,
    boolean status,
    String reason,
    String message,
    Optional<String> observedRevision,
    Instant since) {}
