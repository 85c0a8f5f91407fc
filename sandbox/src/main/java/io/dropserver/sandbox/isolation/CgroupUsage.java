package io.dropserver.sandbox.isolation;

/** What a group uses now, and has used since it was made. */
public record CgroupUsage(
    long memoryBytes,
    long memoryPeakBytes,
    long cpuNanos,
    long throttledNanos,
    int processes,
    long ioBytes) {}
