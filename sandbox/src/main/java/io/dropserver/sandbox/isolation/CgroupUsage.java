package io.dropserver.sandbox.isolation;

/** The resources that a group uses now or has used since its creation. */
public record CgroupUsage(
    long memoryBytes,
    long memoryPeakBytes,
    long cpuNanos,
    long throttledNanos,
    int processes,
    long ioBytes) {}
