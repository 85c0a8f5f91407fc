package io.dropserver.sandbox.isolation;

/**
 * @param memoryBytes hard limit of memory and swap together
 * @param cpuMillis thousandths of one core
 * @param processes processes and threads together
 */
public record CgroupLimits(long memoryBytes, int cpuMillis, int processes) {}
