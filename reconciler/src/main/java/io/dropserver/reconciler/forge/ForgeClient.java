package io.dropserver.reconciler.forge;

/**
 * The two APIs of a forge. Each pauses separately after a refusal, because a token may be valid for
 * only one of them.
 */
public record ForgeClient(PullRequests pulls, CommitStatuses statuses) {}
