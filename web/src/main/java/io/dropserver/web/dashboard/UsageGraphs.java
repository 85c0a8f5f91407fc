package io.dropserver.web.dashboard;

import io.dropserver.schema.status.AppspaceUsage;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.schema.status.UsagePoint;
import io.dropserver.schema.text.Sizes;
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
        memory(usage, UsageSeries.zeroFilled(samples, now, UsagePoint::memoryBytes)),
        cpu(usage, UsageSeries.zeroFilled(samples, now, UsagePoint::cpuMillis)),
        disk(usage, UsageSeries.carriedForward(samples, now, UsagePoint::storageBytes)),
        Graph.scaledToMaximum(
            1,
            "Requests in 5 s",
            sources.requests().apply(appspace.name()).stream().map(Integer::longValue).toList(),
            StatusText::plain));
  }

  private static Graph memory(Optional<AppspaceUsage> usage, List<Long> values) {
    return Graph.scaledToLimit(
        limit(usage, AppspaceUsage::memoryLimitBytes), "Memory", values, Sizes::text);
  }

  private static Graph cpu(Optional<AppspaceUsage> usage, List<Long> values) {
    return Graph.scaledToLimit(
        limit(usage, AppspaceUsage::cpuLimitMillis), "Processor", values, StatusText::cores);
  }

  private static Graph disk(Optional<AppspaceUsage> usage, List<Long> values) {
    return Graph.scaledToLimit(
        limit(usage, AppspaceUsage::storageLimitBytes), "Disk", values, Sizes::text);
  }

  private static long limit(Optional<AppspaceUsage> usage, ToLongFunction<AppspaceUsage> limit) {
    return usage.map(limit::applyAsLong).orElse(0L);
  }
}
