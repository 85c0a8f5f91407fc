package io.dropserver.sandbox.lifecycle;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * @param maxLive sandboxes that are awake; at the limit, the sandbox that has been idle longest is
 *     put to sleep first
 * @param maxMemoryBytes sum of the memory limits of sandboxes that are awake, and of the memory
 *     that sleeping ones keep; at the limit, the sandbox that has been asleep longest is stopped
 *     first
 * @param drain how long requests in flight may continue when their sandbox is to stop
 * @param grace the time between SIGTERM and the kill of the process group
 * @param waiting sandboxes that wait for an appspace; 0 for none
 * @param lastUses the file of {@link LastUses}
 */
public record LifecycleSettings(
    int maxLive,
    long maxMemoryBytes,
    Duration drain,
    Duration grace,
    int waiting,
    Optional<Path> lastUses) {
  public static final Duration DEFAULT_DRAIN = Duration.ofSeconds(10);
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);

  /** Lets no sandbox wait. */
  public LifecycleSettings(int maxLive, long maxMemoryBytes, Duration drain, Duration grace) {
    this(maxLive, maxMemoryBytes, drain, grace, 0, Optional.empty());
  }

  /** Returns how many sandboxes can wait, because all of them take a part of the memory at most. */
  public int mostWaiting() {
    long inMemory = maxMemoryBytes / WaitingStarts.SHARE / WaitingStarts.MEMORY_BYTES;
    return Math.toIntExact(Math.min(waiting, inMemory));
  }
}
