package io.dropserver.sandbox.lifecycle;

import java.time.Duration;

/**
 * @param maxLive sandboxes at once; at the bound the longest idle one stops first
 * @param maxMemoryBytes sum of the memory limits of live sandboxes
 * @param drain how long requests in flight may go on when their sandbox is to stop
 * @param grace between SIGTERM and the kill of the group
 */
public record LifecycleSettings(int maxLive, long maxMemoryBytes, Duration drain, Duration grace) {
  public static final Duration DEFAULT_DRAIN = Duration.ofSeconds(10);
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);
}
