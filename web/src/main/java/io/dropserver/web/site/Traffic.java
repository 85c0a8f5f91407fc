package io.dropserver.web.site;

import io.dropserver.base.text.ShortText;
import io.dropserver.control.VisitorRequest;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of one appspace for limits and metrics. The metrics are created with the
 * first request, because most appspaces of a large server get no requests. Thread-safe.
 */
final class Traffic {
  private static final int MAX_METHOD = 20;
  private static final int MAX_PATH = 200;

  /** The upper bounds of the histogram's buckets; each is one time series for each appspace. */
  private static final Duration[] BUCKETS =
      LongStream.of(5, 10, 25, 50, 100, 250, 1_000, 5_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final String appspace;
  private final MeterRegistry reported;
  private final Admission requests;
  private final Admission tunnels;

  /** Null before the first request. Written by {@link #createMetrics}. */
  private volatile @Nullable Metrics metrics;

  /** Whether the appspace no longer exists. Guarded by this. */
  private boolean removed;

  Traffic(String appspace, MeterRegistry registry, FrontDoorLimits limits) {
    this.appspace = appspace;
    this.reported = registry;
    requests = new Admission(limits.requestsPerAppspace(), limits.requestsPerClient());
    tunnels = new Admission(limits.tunnelsPerAppspace(), limits.tunnelsPerClient());
  }

  private record Metrics(
      List<Counter> byClass,
      Timer duration,
      List<Gauge> gauges,
      RequestCounts recent,
      LatestRequests latest) {
    Stream<Meter> all() {
      return Stream.of(byClass.stream(), Stream.of(duration), gauges.stream())
          .flatMap(meters -> meters);
    }
  }

  private Metrics metrics() {
    @Nullable Metrics known = metrics;
    return known == null ? createMetrics() : known;
  }

  private synchronized Metrics createMetrics() {
    @Nullable Metrics known = metrics;
    if (known != null) {
      return known;
    }
    // A request in flight can outlive its appspace; its metrics are not reported.
    MeterRegistry registry = removed ? new SimpleMeterRegistry() : reported;
    Metrics created =
        new Metrics(
            IntStream.rangeClosed(1, 5).mapToObj(each -> counter(registry, each)).toList(),
            Timer.builder("dropserver.http.request.duration")
                .description("From a request's head to the last byte of its response")
                .tag("appspace", appspace)
                .serviceLevelObjectives(BUCKETS)
                .register(registry),
            List.of(
                gauge(registry, "dropserver.http.requests.active", "Requests in flight", requests),
                gauge(registry, "dropserver.websockets.open", "WebSockets that are open", tunnels)),
            new RequestCounts(),
            new LatestRequests());
    metrics = created;
    return created;
  }

  private Counter counter(MeterRegistry registry, int statusClass) {
    return Counter.builder("dropserver.http.requests")
        .description("Requests that were answered")
        .tag("appspace", appspace)
        .tag("status", statusClass + "xx")
        .register(registry);
  }

  private Gauge gauge(
      MeterRegistry registry, String name, String description, Admission admission) {
    return Gauge.builder(name, admission, Admission::taken)
        .description(description)
        .tag("appspace", appspace)
        .register(registry);
  }

  /** Returns the admission of requests, for a request. */
  Admission requests() {
    var _ = metrics();
    return requests;
  }

  /** Returns the admission of WebSockets, for a WebSocket. */
  Admission tunnels() {
    var _ = metrics();
    return tunnels;
  }

  /**
   * Records a request that was answered.
   *
   * @param nanos from the request's head to the last byte of its response
   */
  void recordResponse(String method, String path, int status, long nanos) {
    Metrics known = metrics();
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    known
        .latest()
        .add(
            new VisitorRequest(
                Instant.now().truncatedTo(ChronoUnit.MILLIS),
                ShortText.first(method, MAX_METHOD),
                ShortText.first(path, MAX_PATH),
                status,
                millis));
    known.byClass().get(Math.clamp(status / 100, 1, 5) - 1).increment();
    known.duration().record(nanos, TimeUnit.NANOSECONDS);
    known.recent().count(System.currentTimeMillis());
  }

  /**
   * Returns the request counts for each five seconds of the last ten minutes, oldest first; empty
   * before the first request.
   */
  List<Integer> recentRequests() {
    @Nullable Metrics known = metrics;
    return known == null ? List.of() : known.recent().countsUntil(System.currentTimeMillis());
  }

  /** Returns the latest requests, oldest first; empty before the first request. */
  List<VisitorRequest> latestRequests() {
    @Nullable Metrics known = metrics;
    return known == null ? List.of() : known.latest().list();
  }

  /** Removes the metrics of an appspace that no longer exists. */
  synchronized void removeMetrics() {
    removed = true;
    @Nullable Metrics known = metrics;
    if (known != null) {
      known.all().forEach(reported::remove);
    }
  }
}
