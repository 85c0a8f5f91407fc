package io.dropserver.control;

import java.time.Instant;

/**
 * One sample of resource usage.
 *
 * @param cpuMillis thousandths of one core, averaged since the previous sample
 * @param throttledPercent the percentage of that time in which the appspace was throttled by its
 *     CPU limit
 * @param ioBytesPerSecond averaged since the previous sample
 */
public record UsagePoint(
    Instant time,
    long memoryBytes,
    int cpuMillis,
    int throttledPercent,
    int processes,
    long ioBytesPerSecond,
    long storageBytes) {}
