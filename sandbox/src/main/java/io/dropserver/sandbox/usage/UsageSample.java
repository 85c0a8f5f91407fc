package io.dropserver.sandbox.usage;

import java.time.Instant;

/**
 * What a sandbox used at one time.
 *
 * @param cpuMillis thousandths of one core, on average since the sample before
 * @param throttledPercent of the time since the sample before in which it had work and had used up
 *     its share of the processor
 * @param processes processes and threads together
 * @param ioBytesPerSecond read from and written to disks, on average since the sample before
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
