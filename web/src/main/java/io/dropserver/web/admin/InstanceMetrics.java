package io.dropserver.web.admin;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RevisionStatus;
import io.dropserver.state.DiskSpace;
import io.dropserver.web.tls.Certificates;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** Registers metrics of the instance. Their values are computed at each scrape. */
public final class InstanceMetrics {
  private InstanceMetrics() {}

  public static void bindTo(MeterRegistry registry, InstanceView view, Path state) {
    objects(registry, view, true);
    objects(registry, view, false);
    Gauge.builder("dropserver.revision.current", view, each -> current(each) ? 1 : 0)
        .description("1 while the newest revision of the remote is the one in service")
        .register(registry);
    Gauge.builder("dropserver.approvals.waiting", view, InstanceMetrics::approvalsWaiting)
        .description("Requests for access that wait for a decision")
        .register(registry);
    Gauge.builder("dropserver.disk.free.bytes", () -> DiskSpace.of(state).free())
        .description("Free space on the disk of the state folder")
        .baseUnit("bytes")
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

  /** Registers the time until a certificate expires, which is NaN while the server has none. */
  public static void certificates(
      MeterRegistry registry, Certificates certificates, InstantSource clock) {
    Gauge.builder(
            "dropserver.certificate.remaining.seconds",
            certificates,
            each ->
                each.firstExpiry()
                    .map(end -> (double) Duration.between(clock.instant(), end).toSeconds())
                    .orElse(Double.NaN))
        .description("Time until the first of the certificates in service expires")
        .baseUnit("seconds")
        .register(registry);
  }

  private static long approvalsWaiting(InstanceView view) {
    return view.approvals().stream()
        .map(ApprovalStatus::state)
        .filter(state -> state.equals("open") || state.equals("queued"))
        .count();
  }

  private static boolean current(InstanceView view) {
    RevisionStatus revision = view.status().revision();
    return revision.served().isPresent() && revision.served().equals(revision.seen());
  }
}
