package io.dropserver.schema.status;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * @param url the origin that was asked for, with a final slash
 * @param state {@code queued}, {@code open}, {@code granted}, {@code denied} or {@code lapsed}
 * @param reason an app's words: untrusted
 * @param times how often it was asked
 * @param branch where it stands in Git
 * @param commit there, 40 hex digits
 * @param pullRequest its URL
 * @param problem why it could not be written back
 * @param suggested what an app's manifest suggests, all of it one request, whose {@code url} is the
 *     first of them; else empty
 * @param warnings what a reviewer in a hurry would overlook in the destination
 */
public record ApprovalStatus(
    String id,
    String appspace,
    String url,
    List<String> methods,
    String state,
    Optional<String> reason,
    Instant firstAsked,
    Instant lastAsked,
    long times,
    Optional<String> branch,
    Optional<String> commit,
    Optional<String> pullRequest,
    Optional<String> problem,
    List<String> warnings,
    List<SuggestedEgressStatus> suggested) {}
