package io.dropserver.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A request for destinations or browser features, and the decision about it.
 *
 * @param url the requested origin, with a trailing slash
 * @param state {@code queued}, {@code open}, {@code granted}, {@code denied}, {@code lapsed} or
 *     {@code unanswered}
 * @param reason text from the app: untrusted
 * @param times how many times the app made the request
 * @param attempts how many times with each method, in upper case; those that an older server
 *     counted are missing
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
    SortedMap<String, Long> attempts,
    Optional<String> branch,
    Optional<String> commit,
    Optional<String> pullRequest,
    Optional<String> problem,
    List<String> warnings,
    List<SuggestedEgressStatus> suggested) {}
