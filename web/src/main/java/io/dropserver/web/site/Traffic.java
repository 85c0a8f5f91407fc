package io.dropserver.web.site;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Counts the requests of one appspace for limits and metrics. Thread-safe. */
final class Traffic {
  private final Admission requests;
  private final Admission tunnels;
  private final MeterRegistry registry;
  private final Counter[] byClass = new Counter[6];
  private final Timer duration;
  private final List<Meter> meters = new ArrayList<>();

  /**
   * The request counts. They are created with the first request, because most appspaces of a large
   * server get no requests.
   */
  private final AtomicReference<@Nullable RequestCounts> recentCounts = new AtomicReference<>();

  Traffic(String appspace, MeterRegistry registry, FrontDoorLimits limits) {
    this.registry = registry;
    requests = new Admission(limits.requestsPerAppspace(), limits.requestsPerClient());
    tunnels = new Admission(limits.tunnelsPerAppspace(), limits.tunnelsPerClient());
    for (int i = 1; i < byClass.length; i++) {
      byClass[i] =
          keep(
              Counter.builder("dropserver.http.requests")
                  .description("Requests that were answered")
                  .tag("appspace", appspace)
                  .tag("status", i + "xx")
                  .register(registry));
    }
    duration =
        keep(
            Timer.builder("dropserver.http.request.duration")
                .description("From a request's head to the last byte of its response")
                .tag("appspace", appspace)
                .register(registry));
    keep(
        Gauge.builder("dropserver.http.requests.active", requests, Admission::taken)
            .description("Requests in flight")
            .tag("appspace", appspace)
            .register(registry));
    keep(
        Gauge.builder("dropserver.websockets.open", tunnels, Admission::taken)
            .description("WebSockets that are open")
            .tag("appspace", appspace)
            .register(registry));
  }

  private <T extends Meter> T keep(T meter) {
    meters.add(meter);
    return meter;
  }

  Admission requests() {
    return requests;
  }

  Admission tunnels() {
    return tunnels;
  }

  void recordResponse(int status, long nanos) {
    byClass[Math.clamp(status / 100, 1, 5)].increment();
    duration.record(nanos, TimeUnit.NANOSECONDS);
    RequestCounts counts = recentCounts.get();
    if (counts == null) {
      recentCounts.compareAndSet(null, new RequestCounts());
      counts = Objects.requireNonNull(recentCounts.get());
    }
    counts.count(System.currentTimeMillis());
  }

  /**
   * Returns the request counts for each five seconds of the last ten minutes, oldest first; empty
   * before the first request.
   */
  List<Integer> recentRequests() {
    @Nullable RequestCounts counts = recentCounts.get();
    return counts == null ? List.of() : counts.countsUntil(System.currentTimeMillis());
  }

  /** Removes the metrics of an appspace that no longer exists. */
  void removeMetrics() {
    meters.forEach(registry::remove);
  }
}
