package io.dropserver.control;

import java.util.List;

/**
 * Resource usage and limits of an appspace that ran recently.
 *
 * @param live whether it has a sandbox now, awake or asleep
 * @param asleep whether the sandbox is frozen because it is not in use; it keeps its memory
 * @param cpuLimitMillis thousandths of one core
 * @param last the newest sample
 * @param history oldest first; filled only when one object is requested by name
 */
public record AppspaceUsage(
    boolean live,
    boolean asleep,
    long memoryLimitBytes,
    int cpuLimitMillis,
    int processLimit,
    long storageLimitBytes,
    UsagePoint last,
    List<UsagePoint> history) {}
