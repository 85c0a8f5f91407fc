package io.dropserver.schema.status;

import java.util.Optional;

/**
 * @param revision handled, if any was found
 * @param served whether it is in service now
 * @param waiting the time ran out while it was still being worked on
 * @param message one sentence for a person
 */
public record SyncResult(
    Optional<String> revision, boolean served, boolean waiting, String message) {}
