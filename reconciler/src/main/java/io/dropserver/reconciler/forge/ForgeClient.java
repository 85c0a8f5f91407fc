package io.dropserver.reconciler.forge;

/**
 * What is asked of a forge. A token may do one and not the other, so each keeps its own peace after
 * a refusal.
 */
public record ForgeClient(PullRequests pulls, CommitStatuses statuses) {}
