package io.dropserver.control;

import java.time.Instant;
import java.util.Optional;

/**
 * A new version of an app that waits for a decision.
 *
 * @param summary one sentence for people, in inert text
 * @param commit the server's commit that contains the update
 * @param place the branch, or {@code refs/pull/N/head} of a pull request without a branch
 * @param pullRequest its URL; empty without API access
 */
public record UpdateStatus(
    String app,
    String version,
    String commit,
    String summary,
    String place,
    Optional<String> pullRequest,
    Instant offeredAt) {}
