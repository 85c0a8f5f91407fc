package io.dropserver.control;

import java.util.Optional;

/**
 * The result of a sync.
 *
 * @param revision the revision that was handled, if there was one
 * @param served whether it is in service now
 * @param waiting whether the wait timed out while the revision was still being handled
 * @param message one sentence for a person
 */
public record SyncResult(
    Optional<String> revision, boolean served, boolean waiting, String message) {}
