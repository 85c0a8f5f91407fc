package io.dropserver.sandbox.lifecycle;

import java.time.Duration;

/**
 * @param maxLive running sandboxes; at the limit, the sandbox that has been idle longest is stopped
 *     first
 * @param maxMemoryBytes sum of the memory limits of running sandboxes
 * @param drain how long requests in flight may continue when their sandbox is to stop
 * @param grace the time between SIGTERM and the kill of the process group
 */
public record LifecycleSettings(int maxLive, long maxMemoryBytes, Duration drain, Duration grace) {
  public static final Duration DEFAULT_DRAIN = Duration.ofSeconds(10);
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);
}
