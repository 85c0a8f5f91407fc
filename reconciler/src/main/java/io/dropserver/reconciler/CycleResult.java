package io.dropserver.reconciler;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The result of one cycle.
 *
 * @param revision the head that the cycle found, if any
 * @param served whether that revision is in service
 * @param handled completes after the first attempt at every object that the revision changes
 * @param failed whether the remote could not be read; the next cycle then follows after a backoff
 * @param retryAfter delay that the remote requested
 */
public record CycleResult(
    Optional<String> revision,
    boolean served,
    String message,
    CompletableFuture<Void> handled,
    boolean failed,
    Optional<Duration> retryAfter) {}
