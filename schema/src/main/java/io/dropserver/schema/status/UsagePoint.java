package io.dropserver.schema.status;

import java.time.Instant;

/**
 * @param cpuMillis thousandths of one core, on average since the sample before
 * @param throttledPercent of that time in which it waited for its share of the processor
 * @param ioBytesPerSecond on average since the sample before
 */
public record UsagePoint(
    Instant time,
    long memoryBytes,
    int cpuMillis,
    int throttledPercent,
    int processes,
    long ioBytesPerSecond,
    long storageBytes) {}
