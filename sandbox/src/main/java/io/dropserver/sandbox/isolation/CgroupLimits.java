package io.dropserver.sandbox.isolation;

/**
 * @param memoryBytes hard limit, including swap
 * @param cpuMillis thousandths of one core
 * @param processes processes and threads together
 */
public record CgroupLimits(long memoryBytes, int cpuMillis, int processes) {}
