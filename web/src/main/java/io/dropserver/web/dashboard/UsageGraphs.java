package io.dropserver.web.dashboard;

import io.dropserver.base.text.Sizes;
import io.dropserver.control.AppspaceUsage;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.UsagePoint;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Creates the graphs of an appspace's memory, CPU, disk and requests. */
record UsageGraphs(DashboardSources sources) {

  List<Graph> graphs(ObjectStatus appspace) {
    Instant now = sources.clock().instant();
    List<UsagePoint> samples = sources.details().history(appspace.name());
    Optional<AppspaceUsage> usage = appspace.usage();
    return List.of(
        Graph.scaledToLimit(
            limit(usage, AppspaceUsage::memoryLimitBytes),
            "Memory",
            UsageSeries.zeroFilled(samples, now, UsagePoint::memoryBytes),
            Sizes::text),
        Graph.scaledToLimit(
            limit(usage, AppspaceUsage::cpuLimitMillis),
            "Processor",
            UsageSeries.zeroFilled(samples, now, UsagePoint::cpuMillis),
            StatusText::cores),
        Graph.scaledToLimit(
            limit(usage, AppspaceUsage::storageLimitBytes),
            "Disk",
            UsageSeries.carriedForward(samples, now, UsagePoint::storageBytes),
            Sizes::text),
        Graph.scaledToMaximum(
            "Requests in 5 s",
            sources.requests().apply(appspace.name()).stream().map(Integer::longValue).toList(),
            StatusText::plain));
  }

  private static long limit(Optional<AppspaceUsage> usage, ToLongFunction<AppspaceUsage> limit) {
    return usage.map(limit::applyAsLong).orElse(0L);
  }
}
