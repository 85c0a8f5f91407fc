package io.dropserver.reconciler.forge;

/**
 * The operations of a forge. A token may be valid for one and not for the other, so each pauses
 * separately after a refusal.
 */
public record ForgeClient(PullRequests pulls, CommitStatuses statuses) {}
