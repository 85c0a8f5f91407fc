package io.dropserver.reconciler.server;

import io.dropserver.schema.status.InstanceView;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.schema.status.RevisionStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.Optional;

/** Registers metrics of the instance. Their values are computed at each scrape. */
final class InstanceMetrics {
  private InstanceMetrics() {}

  static void bindTo(MeterRegistry registry, InstanceView view) {
    objects(registry, view, true);
    objects(registry, view, false);
    Gauge.builder("dropserver.revision.current", view, each -> current(each) ? 1 : 0)
        .description("1 while the newest revision of the remote is the one in service")
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  private static void objects(MeterRegistry registry, InstanceView view, boolean ready) {
    Gauge.builder("dropserver.objects", view, each -> count(each, ready))
        .description("Declared objects, by whether they are as declared")
        .tag("ready", Boolean.toString(ready))
        .register(registry);
  }

  private static long count(InstanceView view, boolean ready) {
    return view.objects(Optional.empty(), Optional.empty()).stream()
        .map(ObjectStatus::ready)
        .filter(each -> each == ready)
        .count();
  }

  private static boolean current(InstanceView view) {
    RevisionStatus revision = view.status().revision();
    return revision.served().isPresent() && revision.served().equals(revision.seen());
  }
}
