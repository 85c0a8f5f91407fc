package io.dropserver.sandbox.usage;

import java.time.Instant;

/**
 * The resource usage of a sandbox at one time.
 *
 * @param cpuMillis thousandths of one core, on average since the previous sample
 * @param throttledPercent share of the time since the previous sample in which it was runnable but
 *     its CPU quota was used up
 * @param processes processes and threads together
 * @param ioBytesPerSecond read from and written to disks, on average since the previous sample
 * @param storageBytes in its data folder, when last measured
 */
public record UsageSample(
    Instant time,
    long memoryBytes,
    int cpuMillis,
    int throttledPercent,
    int processes,
    long ioBytesPerSecond,
    long storageBytes) {}
