package io.dropserver.schema.status;

import java.util.List;

/**
 * Resource usage and limits of an appspace that ran recently.
 *
 * @param live whether one of its sandboxes is running now
 * @param cpuLimitMillis thousandths of one core
 * @param last the newest sample
 * @param history oldest first; filled only when one object is requested by name
 */
public record AppspaceUsage(
    boolean live,
    long memoryLimitBytes,
    int cpuLimitMillis,
    int processLimit,
    long storageLimitBytes,
    UsagePoint last,
    List<UsagePoint> history) {}
