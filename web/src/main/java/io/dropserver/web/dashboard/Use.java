package io.dropserver.web.dashboard;

import io.dropserver.web.control.InstanceView.ObjectStatus;
import io.dropserver.web.control.InstanceView.Sample;
import io.dropserver.web.control.InstanceView.Usage;
import io.dropserver.web.page.Sizes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Graphs of the resource usage of an appspace: memory, CPU, disk, requests. */
record Use(Sources sources) {

  List<Graph> graphs(ObjectStatus appspace) {
    Instant now = sources.clock().instant();
    List<Sample> samples = sources.details().history(appspace.name());
    Optional<Usage> usage = appspace.usage();
    return List.of(
        memory(usage, Series.used(samples, now, Sample::memoryBytes)),
        cpu(usage, Series.used(samples, now, Sample::cpuMillis)),
        disk(usage, Series.kept(samples, now, Sample::storageBytes)),
        Graph.free(
            1,
            "Requests in 5 s",
            sources.requests().apply(appspace.name()).stream().map(Integer::longValue).toList(),
            Words::plain));
  }

  private static Graph memory(Optional<Usage> usage, List<Long> values) {
    return Graph.upTo(limit(usage, Usage::memoryLimitBytes), "Memory", values, Sizes::text);
  }

  private static Graph cpu(Optional<Usage> usage, List<Long> values) {
    return Graph.upTo(limit(usage, Usage::cpuLimitMillis), "Processor", values, Words::cores);
  }

  private static Graph disk(Optional<Usage> usage, List<Long> values) {
    return Graph.upTo(limit(usage, Usage::storageLimitBytes), "Disk", values, Sizes::text);
  }

  private static long limit(Optional<Usage> usage, ToLongFunction<Usage> limit) {
    return usage.map(limit::applyAsLong).orElse(0L);
  }
}
