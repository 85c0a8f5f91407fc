package io.dropserver.reconciler.server;

import io.dropserver.sandbox.usage.UsageSample;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Publishes the resource usage of live sandboxes as metrics, with one time series for each
 * appspace. A series is removed when its sandbox stops.
 */
final class UsageMetrics implements Consumer<Map<String, UsageSample>> {
  private final AtomicInteger live = new AtomicInteger();
  private final IntSupplier asleep;
  private final List<Gauge> gauges;

  private record Gauge(MultiGauge rows, ToDoubleFunction<UsageSample> value) {}

  /**
   * @param asleep the number of sandboxes that are frozen because they are not in use
   */
  UsageMetrics(MeterRegistry registry, IntSupplier asleep) {
    this.asleep = asleep;
    registry.gauge("dropserver.sandboxes.live", live);
    registry.gauge("dropserver.sandboxes.asleep", this, self -> self.asleep.getAsInt());
    this.gauges =
        List.of(
            gauge(registry, "memory", "bytes", UsageSample::memoryBytes),
            gauge(registry, "cpu", "cores", sample -> sample.cpuMillis() / 1e3),
            gauge(registry, "throttled", "ratio", sample -> sample.throttledPercent() / 1e2),
            gauge(registry, "processes", null, UsageSample::processes),
            gauge(registry, "io", "bytes.per.second", UsageSample::ioBytesPerSecond),
            gauge(registry, "storage", "bytes", UsageSample::storageBytes));
  }

  private static Gauge gauge(
      MeterRegistry registry,
      String name,
      @org.jspecify.annotations.Nullable String unit,
      ToDoubleFunction<UsageSample> value) {
    return new Gauge(
        MultiGauge.builder("dropserver.sandbox." + name).baseUnit(unit).register(registry), value);
  }

  @Override
  public void accept(Map<String, UsageSample> newest) {
    live.set(newest.size());
    for (Gauge gauge : gauges) {
      gauge
          .rows()
          .register(
              newest.entrySet().stream()
                  .map(
                      each ->
                          Row.of(
                              Tags.of("appspace", each.getKey()),
                              gauge.value().applyAsDouble(each.getValue())))
                  .toList(),
              true);
    }
  }
}
