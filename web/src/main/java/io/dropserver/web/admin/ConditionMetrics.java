package io.dropserver.web.admin;

import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.Severity;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * Publishes how many conditions of each type do not have their normal status, of the server and of
 * all objects. The number of time series does not depend on the number of objects. One scrape reads
 * the status once. Thread-safe.
 */
public final class ConditionMetrics {
  private static final Duration MAX_AGE = Duration.ofSeconds(1);

  private final InstanceView view;
  private final InstantSource clock;

  /** Guarded by this object's lock, like {@link #readAt}. */
  private List<Condition> conditions = List.of();

  private Instant readAt = Instant.MIN;

  private ConditionMetrics(InstanceView view, InstantSource clock) {
    this.view = view;
    this.clock = clock;
  }

  public static void bindTo(MeterRegistry registry, InstanceView view, InstantSource clock) {
    ConditionMetrics metrics = new ConditionMetrics(view, clock);
    for (ConditionType type : ConditionType.values()) {
      Gauge.builder("dropserver.conditions", metrics, each -> each.count(type))
          .description("Conditions that need attention, by type")
          .tag("type", type.text())
          .tag("severity", type.severity().text())
          // Only the gauges refer to the object.
          .strongReference(true)
          .register(registry);
    }
  }

  /** Counts the conditions of a type, without those whose reason lowers the severity. */
  private long count(ConditionType type) {
    return current().stream()
        .filter(each -> each.hasType(type) && each.severity() == type.severity())
        .count();
  }

  private synchronized List<Condition> current() {
    Instant now = clock.instant();
    if (readAt.equals(Instant.MIN) || Duration.between(readAt, now).abs().compareTo(MAX_AGE) > 0) {
      InstanceStatus status = view.status();
      conditions =
          Stream.concat(
                  status.conditions().stream(),
                  status.objects().stream().flatMap(each -> each.conditions().stream()))
              .filter(each -> each.severity() != Severity.OK)
              .toList();
      readAt = now;
    }
    return conditions;
  }
}
