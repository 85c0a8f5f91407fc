package io.dropserver.web.site;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.ControlException;
import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.JobStatus;
import io.dropserver.control.LayerStatus;
import io.dropserver.control.LogLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RetainedData;
import io.dropserver.control.RevisionChanges;
import io.dropserver.control.RevisionChanges.RevisionChange;
import io.dropserver.control.RevisionStatus;
import io.dropserver.control.UsagePoint;
import io.dropserver.control.VisitorRequest;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.Event;
import io.dropserver.state.site.Person;
import io.dropserver.web.RecordedUpdates;
import io.dropserver.web.dashboard.Dashboard;
import io.dropserver.web.dashboard.DashboardData;
import io.dropserver.web.dashboard.DashboardSources;
import io.dropserver.web.home.AppMetadataSource.Activity;
import io.dropserver.web.home.AppMetadataSource.AppMetadata;
import io.dropserver.web.home.AppMetadataSource.Icon;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * A front door with a dashboard for a fictitious instance: Alice is an admin and owns the diary,
 * Bob owns the cookbook, and Carol owns nothing.
 */
final class DashboardFixture implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  final FrontDoorFixture door = new FrontDoorFixture();
  final Map<String, String> owners = new ConcurrentHashMap<>();
  final Map<String, AppMetadata> metadata = new ConcurrentHashMap<>();
  final View view = new View();
  final Dashboard dashboard;

  /** The message of an object, by the name of its appspace. */
  final Map<String, String> messages = new ConcurrentHashMap<>();

  final RecordedRestores restores = new RecordedRestores();

  final RecordedDecisions decisions = new RecordedDecisions();

  final RecordedUpdates updates = new RecordedUpdates();

  volatile DashboardData.Deciders deciders = DashboardData.Deciders.NONE;

  volatile boolean canCommit = true;

  /** The clock for checking sessions; later than their start. */
  volatile InstantSource clock = Instant::now;

  DashboardFixture() throws IOException {
    own("diary", "alice");
    own("cookbook", "bob");
    door.admit(new Person("alice", "Alice", true, true));
    door.admit(new Person("bob", "Bob", false, true));
    door.admit(new Person("carol", "Carol", false, false));
    DashboardSources dashboardSources =
        new DashboardSources(
            view,
            new Declared(),
            this::metadata,
            door.server::recentRequests,
            () -> clock.instant());
    dashboard =
        new Dashboard(
            dashboardSources, door.identity, door.desk(), decisions, restores, updates, door.audit);
    door.appMetadataSource = this::metadata;
    door.pages = dashboard;
  }

  void own(String appspace, String owner) {
    owners.put(appspace, owner);
    door.declare(FrontDoorFixture.site(appspace));
  }

  void setMetadata(
      String appspace, String app, String description, Activity activity, Optional<Path> icon) {
    Optional<Icon> image = icon.map(file -> new Icon("tree-0123456789", file));
    metadata.put(appspace, new AppMetadata(app, description, image, activity));
  }

  private AppMetadata metadata(String appspace) {
    return metadata.getOrDefault(appspace, AppMetadata.UNKNOWN);
  }

  @Override
  public void close() throws IOException {
    dashboard.close();
    door.close();
  }

  private final class Declared implements DashboardData {
    @Override
    public Optional<String> owner(String appspace) {
      return Optional.ofNullable(owners.get(appspace));
    }

    @Override
    public Optional<String> appspaceOf(String whitelist) {
      return Optional.of(whitelist).filter(owners::containsKey);
    }

    @Override
    public Deciders deciders() {
      return deciders;
    }

    @Override
    public boolean canCommit() {
      return canCommit;
    }

    @Override
    public Optional<RevisionChanges> lastApplied() {
      List<RevisionChange> changes =
          new TreeMap<>(owners)
              .keySet().stream()
                  .map(
                      name ->
                          new RevisionChange(
                              "update", "Appspace", name, List.of("host of " + name + ": – → x")))
                  .toList();
      return Optional.of(
          new RevisionChanges(COMMIT, NOW, "0 create, 2 update, 0 remove", changes, 3));
    }

    @Override
    public Backups backups(String appspace) {
      return Backups.NONE;
    }

    @Override
    public List<UsagePoint> history(String appspace) {
      return List.of(new UsagePoint(NOW, 1 << 20, 5, 0, 1, 0, 4_096));
    }

    @Override
    public Optional<String> commitUrl(String revision) {
      return Optional.of("https://forge.example/commit/" + revision);
    }

    @Override
    public Optional<String> lineUrl(String revision, String file, int line) {
      return Optional.of("https://forge.example/blob/" + revision + "/" + file + "#L" + line);
    }
  }

  /** Shows the declared objects; tests add the text from apps. */
  final class View implements InstanceView {
    final List<EgressLine> egress = new CopyOnWriteArrayList<>();
    final List<ApprovalStatus> approvalRequests = new CopyOnWriteArrayList<>();
    final List<Event> events = new CopyOnWriteArrayList<>();
    final List<JobStatus> jobs = new CopyOnWriteArrayList<>();
    final List<LogLine> printed = new CopyOnWriteArrayList<>();
    final LinkedBlockingQueue<LogLine> live = new LinkedBlockingQueue<>();

    /** The number of threads that follow a log. */
    final java.util.concurrent.atomic.AtomicInteger followers =
        new java.util.concurrent.atomic.AtomicInteger();

    @Override
    public InstanceStatus status() {
      return new InstanceStatus(
          new RevisionStatus(
              Optional.of(COMMIT), Optional.of(NOW), Optional.of(COMMIT), Optional.of(NOW)),
          true,
          false,
          door.server.shellUrl(),
          List.of(
              new Condition(
                  "OffMachine", false, "SameDisk", "the server's", Optional.empty(), NOW)),
          objects(Optional.empty(), Optional.empty()),
          List.of());
    }

    @Override
    public List<ObjectStatus> objects(Optional<String> kind, Optional<String> name) {
      return new TreeMap<>(owners)
          .keySet().stream()
              .filter(each -> name.isEmpty() || name.get().equals(each))
              .filter(each -> kind.isEmpty() || kind.get().equals("Appspace"))
              .map(this::object)
              .toList();
    }

    private ObjectStatus object(String name) {
      boolean ready = !messages.containsKey(name);
      String message = messages.getOrDefault(name, "serves " + name);
      return new ObjectStatus(
          "Appspace",
          name,
          ready,
          ready ? "Serving" : "ConvergeFailed",
          message,
          Optional.empty(),
          "appspaces/" + name + ".yaml:2:1",
          List.of(
              new Condition(
                  "Ready", ready, "Serving", message, Optional.of(COMMIT), Instant.EPOCH)),
          Optional.empty(),
          Collections.emptySortedMap(),
          List.copyOf(jobs),
          List.of());
    }

    @Override
    public List<Event> events(int limit) {
      return events;
    }

    @Override
    public void logs(String appspace, boolean follow, Consumer<LogLine> line) {
      if (!owners.containsKey(appspace)) {
        throw new ControlException("there is no appspace " + appspace);
      }
      printed.forEach(line);
      if (!follow) {
        return;
      }
      followers.incrementAndGet();
      try {
        while (true) {
          line.accept(live.take());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        followers.decrementAndGet();
      }
    }

    @Override
    public void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) {
      egress.forEach(line);
    }

    @Override
    public List<VisitorRequest> visitorRequests(String appspace) {
      return door.server.latestRequests(appspace);
    }

    @Override
    public List<LayerStatus> layers() {
      return List.of();
    }

    @Override
    public List<EgressUse> egressUse() {
      return List.of();
    }

    @Override
    public List<RetainedData> retainedData() {
      return List.of();
    }

    @Override
    public List<ApprovalStatus> approvals() {
      return approvalRequests;
    }
  }
}
