package io.dropserver.web.admin;

import io.dropserver.sandbox.usage.UsageSample;
import io.micrometer.core.instrument.Gauge;
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
import org.jspecify.annotations.Nullable;

/**
 * Publishes the resource usage of live sandboxes as metrics, with one time series for each
 * appspace. A series is removed when its sandbox stops.
 */
public final class UsageMetrics implements Consumer<Map<String, UsageSample>> {
  private final AtomicInteger live = new AtomicInteger();
  private final List<UsageRows> gauges;

  private record UsageRows(MultiGauge rows, ToDoubleFunction<UsageSample> value) {}

  /**
   * @param asleep the number of sandboxes that are frozen because they are not in use
   */
  public UsageMetrics(MeterRegistry registry, IntSupplier asleep) {
    Gauge.builder("dropserver.sandboxes.live", live::get)
        .description("Sandboxes that exist, including those that are asleep")
        .register(registry);
    Gauge.builder("dropserver.sandboxes.asleep", asleep::getAsInt)
        .description("Sandboxes that are frozen because they are not in use")
        .register(registry);
    this.gauges =
        List.of(
            gauge(registry, "memory", "bytes", "Memory of the sandbox", UsageSample::memoryBytes),
            gauge(
                registry,
                "cpu",
                "cores",
                "Processors that the sandbox used",
                sample -> sample.cpuMillis() / 1e3),
            gauge(
                registry,
                "throttled",
                "ratio",
                "Share of the time in which the limit of processor time delayed the sandbox",
                sample -> sample.throttledPercent() / 1e2),
            gauge(
                registry,
                "processes",
                null,
                "Processes and threads of the sandbox",
                UsageSample::processes),
            gauge(
                registry,
                "io",
                "bytes_per_second",
                "Bytes that the sandbox read from and wrote to disks",
                UsageSample::ioBytesPerSecond),
            gauge(
                registry,
                "storage",
                "bytes",
                "Disk space that the data of the appspace occupies",
                UsageSample::storageBytes));
  }

  private static UsageRows gauge(
      MeterRegistry registry,
      String name,
      @Nullable String unit,
      String description,
      ToDoubleFunction<UsageSample> value) {
    return new UsageRows(
        MultiGauge.builder("dropserver.sandbox." + name)
            .description(description)
            .baseUnit(unit)
            .register(registry),
        value);
  }

  @Override
  public void accept(Map<String, UsageSample> newest) {
    live.set(newest.size());
    for (UsageRows gauge : gauges) {
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
