package io.dropserver.schema.status;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A request for destinations or browser features, and the decision about it.
 *
 * @param url the requested origin, with a trailing slash
 * @param state {@code queued}, {@code open}, {@code granted}, {@code denied} or {@code lapsed}
 * @param reason text from the app: untrusted
 * @param times how many times the app made the request
 * @param branch the Git branch that contains the proposal
 * @param commit the commit on that branch, 40 hex digits
 * @param pullRequest its URL
 * @param problem why the request could not be written to Git
 * @param warnings properties of the destination that a reviewer could easily overlook
 * @param suggested the entries that an app's manifest suggests; they form one request, whose {@code
 *     url} is that of the first entry; empty for other requests
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
