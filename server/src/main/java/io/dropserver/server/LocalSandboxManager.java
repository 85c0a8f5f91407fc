package io.dropserver.server;

import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import io.dropserver.control.LogLine;
import io.dropserver.egress.gateway.EgressAccount;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.EgressLog;
import io.dropserver.reconciler.converge.SandboxManager;
import io.dropserver.reconciler.status.LiveUsage;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.SandboxHost.Program;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.AwakeClaims;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.sandbox.log.LogRing;
import io.dropserver.sandbox.log.LogRing.Line;
import io.dropserver.sandbox.storage.Storage.Volume;
import io.dropserver.sandbox.storage.StorageException;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.sandbox.usage.Pressure;
import io.dropserver.sandbox.usage.UsageMonitor;
import io.dropserver.sandbox.usage.UsageSample;
import io.dropserver.schema.instance.Appspace.Isolation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Gives the reconciler access to the sandboxes of this machine and to their logs.
 *
 * @param sharedUid the user that all appspaces run as, if this server cannot give each appspace its
 *     own host user
 */
record LocalSandboxManager(
    Sandboxes sandboxes,
    VolumeHost host,
    UsageMonitor usage,
    LogRegistry logs,
    EgressGateway egress,
    OptionalInt sharedUid)
    implements SandboxManager, LiveUsage.Measurements {
  /**
   * Interval at which a log stream without new lines checks whether its reader has disconnected.
   */
  private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

  @Override
  public List<UsageSample> history(String appspace) {
    return usage.history(appspace);
  }

  @Override
  public Map<Pressure, Instant> pressures(String appspace) {
    return usage.pressures(appspace);
  }

  @Override
  public boolean isLive(String appspace) {
    return sandboxes.running(appspace).isPresent();
  }

  @Override
  public boolean isAsleep(String appspace) {
    return sandboxes.isAsleep(appspace);
  }

  @Override
  public Optional<AwakeClaims.Awake> awake(String appspace) {
    return sandboxes.awake(appspace);
  }

  @Override
  public boolean isStarting(String appspace) {
    return sandboxes.isStarting(appspace);
  }

  @Override
  public void requireIsolation(Isolation isolation) {
    host.requireIsolation(isolation);
  }

  @Override
  public List<Layer> layers() {
    return host.layers();
  }

  @Override
  public List<Layer> layers(String appspace) {
    return sandboxes
        .spec(appspace)
        .flatMap(spec -> host.volume(spec.dataFolder()))
        .map(this::withStorage)
        .orElseGet(host::layers);
  }

  private List<Layer> withStorage(Volume volume) {
    return host.layers().stream()
        .map(
            layer ->
                layer.name().equals(VolumeHost.STORAGE)
                    ? new Layer(layer.name(), volume.hard(), volume.detail(), layer.remedy())
                    : layer)
        .toList();
  }

  @Override
  public long storedBytes(Path files) {
    try {
      return host.stored(files).bytes();
    } catch (StorageException unreadable) {
      // List unreadable data too, so that it can be discarded.
      return 0;
    }
  }

  @Override
  public void declare(SandboxSpec spec) {
    sandboxes.declare(withHostUser(spec));
  }

  @Override
  public void replace(SandboxSpec spec) {
    sandboxes.replace(withHostUser(spec));
  }

  @Override
  public void run(SandboxSpec spec, Program program) {
    sandboxes.run(withHostUser(spec), program);
  }

  @Override
  public void tryOut(SandboxSpec spec) {
    sandboxes.verifyStart(withHostUser(spec));
  }

  @Override
  public void release(SandboxSpec spec) {
    sandboxes.release(spec);
  }

  private SandboxSpec withHostUser(SandboxSpec spec) {
    return spec.withUid(sharedUid.orElse(spec.uid()));
  }

  @Override
  public void withdraw(String appspace) {
    sandboxes.withdraw(appspace);
  }

  @Override
  public void forget(String appspace) {
    logs.forget(appspace);
    egress.forget(appspace);
  }

  @Override
  public void logs(String appspace, boolean follow, Consumer<LogLine> line) {
    LogRing ring = logs.of(appspace);
    long last = forwardLines(ring.lines(), 0, line);
    try {
      while (follow && !Thread.currentThread().isInterrupted()) {
        last = forwardLines(ring.awaitAfter(last, POLL_INTERVAL), last, line);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) {
    EgressLog log = egress.account(appspace).log();
    long last = 0;
    try {
      do {
        Duration wait = last == 0 && !follow ? Duration.ZERO : POLL_INTERVAL;
        for (EgressLog.Line each : log.awaitAfter(last, wait)) {
          line.accept(line(each.entry()));
          last = each.number();
        }
      } while (follow && !Thread.currentThread().isInterrupted());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static EgressLine line(EgressLog.Entry entry) {
    return new EgressLine(
        entry.time(),
        entry.method(),
        entry.url(),
        entry.status(),
        entry.sent(),
        entry.received(),
        entry.outcome().name().toLowerCase(Locale.ROOT),
        entry.note());
  }

  @Override
  public List<EgressUse> egressUse() {
    return egress.accounts().stream().map(LocalSandboxManager::use).toList();
  }

  private static EgressUse use(EgressAccount account) {
    EgressLog.Sum sum = account.log().sum();
    return new EgressUse(
        account.appspace(),
        account.openConnections(),
        sum.requests(),
        sum.refused(),
        sum.sent(),
        sum.received());
  }

  private static long forwardLines(List<Line> lines, long last, Consumer<LogLine> line) {
    for (Line each : lines) {
      String stream = each.stream().name().toLowerCase(Locale.ROOT);
      line.accept(new LogLine(each.time(), stream, each.text()));
    }
    return lines.isEmpty() ? last : lines.getLast().number();
  }
}
