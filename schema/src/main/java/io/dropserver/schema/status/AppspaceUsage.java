package io.dropserver.schema.status;

import java.util.List;

/**
 * What an appspace that ran lately uses, and may use.
 *
 * @param live whether a sandbox of it runs now
 * @param cpuLimitMillis thousandths of one core
 * @param last the newest sample
 * @param history oldest first; only where one object is asked for by its name
 */
public record AppspaceUsage(
    boolean live,
    long memoryLimitBytes,
    int cpuLimitMillis,
    int processLimit,
    long storageLimitBytes,
    UsagePoint last,
    List<UsagePoint> history) {}
