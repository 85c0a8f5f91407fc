package io.dropserver.sandbox.isolation;

/**
 * @param memoryBytes hard limit; swap in addition only after {@link Cgroup#permitSwap}
 * @param cpuMillis thousandths of one core
 * @param processes processes and threads together
 */
public record CgroupLimits(long memoryBytes, int cpuMillis, int processes) {}
