package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.plan.Change;
import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.status.Conditions;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.reconciler.status.ObjectState;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.reconciler.status.ObjectStates.Update;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Resource;
import io.dropserver.schema.state.DataFolders;
import io.dropserver.schema.status.ConditionType;
import io.dropserver.schema.status.EventReason;
import io.dropserver.schema.status.ObjectReason;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Brings the live state to what a revision declares. Level-triggered: it may be given any target at
 * any time, and works on those objects only that differ from it or failed before.
 *
 * <p>Thread-safe. Nothing is done before the first {@link #apply}.
 */
public final class Converger implements AutoCloseable {
  private static final Target NOTHING_YET =
      new Target(
          "",
          new Desired(Empty.INSTANCE, version -> Optional.empty()),
          Map.of(),
          Map.of(),
          Map.of(),
          Map.of());

  private final DataFolders data;
  private final ObjectStates states;
  private final EventLog events;
  private final Planner planner;
  private final Clock clock;
  private final SiteBoard sites;
  private final AppspaceConvergence appspaces;
  private final Leaving leaving;
  private final WorkQueue<String> queue;
  private final AtomicReference<Target> target = new AtomicReference<>(NOTHING_YET);

  /** What the converger is wired to. */
  public record Ports(
      AppVersions versions,
      SandboxDeclarations sandboxes,
      SitePublisher publisher,
      SiteUrls urls,
      Timers timers,
      Backoff backoff,
      Clock clock) {}

  /**
   * @param declared is told of what an appspace runs from now on, after the sandboxes
   * @param safety asked before data is changed
   * @param departures told of who leaves
   */
  public Converger(
      Ports ports,
      DataFolders data,
      ObjectStates states,
      EventLog events,
      ServerState server,
      Planner planner,
      Consumer<SandboxSpec> declared,
      UpgradeSafety safety,
      Departures departures) {
    this.data = data;
    this.states = states;
    this.events = events;
    this.planner = planner;
    this.clock = ports.clock();
    this.sites = new SiteBoard(ports.publisher(), ports.timers());
    this.leaving = new Leaving(data, states, departures, ports.clock());
    this.appspaces =
        new AppspaceConvergence(
            target::get,
            ports.versions(),
            data,
            ports.sandboxes(),
            declared,
            sites,
            ports.urls(),
            new AppspaceRecord(states, events, server, planner, ports.clock()),
            leaving,
            safety);
    this.queue = new WorkQueue<>(appspaces::attempt, ports.backoff(), ports.timers());
  }

  /**
   * Converges to a revision.
   *
   * @param origins of app versions that an earlier revision declared
   * @param plan from what was applied to {@code desired}
   * @return completes when each object that the revision touches was tried once and the sites are
   *     in service
   */
  public CompletableFuture<Void> apply(
      String revision, Desired desired, Map<App.Version, String> origins, Plan plan) {
    Target next = Target.of(revision, desired, origins, plan);
    leaving.declared(next);
    Target before = target.getAndSet(next);
    String domain = next.instance().settings().domain();
    boolean all = before.revision().isEmpty() || !domain.equals(sites.domain());
    sites.domain(domain);
    sites.people(SitePolicy.people(next));
    if (!before.revision().isEmpty()) {
      sites.publishSoon(); // who has left must not wait for what is installed
    }
    keepSimpleObjects(next);
    Set<String> names = new TreeSet<>(queue.failed());
    if (all) {
      names.addAll(next.instance().appspaces().keySet());
      // Data that a crash left without an appspace is retained like that of one that leaves.
      names.addAll(data.liveAppspaces());
    }
    names.addAll(touched(plan, before, next));
    names.addAll(next.differsFrom(before));
    names.addAll(neverApplied(next));
    names.removeAll(next.renames().values());
    CompletableFuture<?>[] done =
        names.stream().map(name -> start(name, next)).toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(done).thenRunAsync(sites::publish);
  }

  /** A renamed appspace begins when nothing under its earlier name is going on any more. */
  private CompletableFuture<Void> start(String name, Target next) {
    String earlier = next.renames().get(name);
    return earlier == null
        ? queue.add(name)
        : queue.add(earlier).thenCompose(ended -> queue.add(name));
  }

  /** Works on one appspace now, whatever its backoff says. */
  public CompletableFuture<Void> retry(String appspace) {
    appspaces.retryUpgrade(appspace);
    return queue.add(appspace).thenRun(sites::publish);
  }

  /**
   * Stops an appspace, does the work, and brings the appspace to what is declared again; nothing
   * else is done to it meanwhile. Returns when it is in service again or has failed to.
   *
   * @throws RuntimeException what the work threw
   */
  public void exchange(String appspace, Runnable work) {
    FutureTask<Void> task = appspaces.exchange(appspace, work);
    queue.add(appspace).join();
    sites.publish();
    if (!task.isDone()) {
      throw new IllegalStateException("the server is stopping; nothing was done");
    }
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  /** What is declared now; empty before the first revision. */
  public Optional<Resource> declared(ObjectKey key) {
    Target now = target.get();
    return now.revision().isEmpty() ? Optional.empty() : now.desired().find(key);
  }

  /** What is declared now; empty before the first revision. */
  public Optional<Instance> instance() {
    Target now = target.get();
    return now.revision().isEmpty() ? Optional.empty() : Optional.of(now.instance());
  }

  /** Those of one appspace, which unite. */
  public List<EgressWhitelist> whitelists(String appspace) {
    return target.get().whitelists().getOrDefault(appspace, List.of());
  }

  /** The revision that is being converged to; empty text before the first. */
  public String revision() {
    return target.get().revision();
  }

  public boolean isWorkedOn(String appspace) {
    return queue.isWorkedOn(appspace);
  }

  public String domain() {
    return sites.domain();
  }

  /**
   * Contents that an appspace runs or may go back to: never to be collected. Empty before the first
   * revision, when it is not known.
   */
  public Optional<Set<String>> contentsInUse() {
    return revision().isEmpty() ? Optional.empty() : Optional.of(appspaces.contentsInUse());
  }

  /** Stops working; what is in service stays so. */
  @Override
  public void close() {
    queue.close();
  }

  private Set<String> touched(Plan plan, Target before, Target next) {
    Set<String> names = new TreeSet<>();
    for (Change change : plan.changes()) {
      switch (change.key().kind()) {
        case APPSPACE -> names.add(change.key().name());
        case EGRESS_WHITELIST -> {
          appspaceOf(before, change.key()).ifPresent(names::add);
          appspaceOf(next, change.key()).ifPresent(names::add);
        }
        case INSTANCE, USER, APP -> {
          // What they mean for an appspace stands among its own fields.
        }
      }
    }
    return names;
  }

  /** Appspaces that left before they could be applied: no plan knows them. */
  private List<String> neverApplied(Target next) {
    return states.sorted().stream()
        .filter(state -> state.fingerprint().isEmpty())
        .map(ObjectState::key)
        .filter(key -> key.kind() == Kind.APPSPACE && next.appspace(key.name()).isEmpty())
        .map(ObjectKey::name)
        .toList();
  }

  private static Optional<String> appspaceOf(Target target, ObjectKey whitelist) {
    return Optional.ofNullable(target.instance().whitelists().get(whitelist.name()))
        .map(EgressWhitelist::appspace);
  }

  /** Objects that are in force by being declared: one transaction for all. */
  private void keepSimpleObjects(Target next) {
    List<Update> updates = new ArrayList<>();
    List<ObjectKey> gone = new ArrayList<>();
    Map<ObjectKey, Change> simple = new HashMap<>(next.changes());
    simple.keySet().removeIf(key -> key.kind() == Kind.APPSPACE);
    simple.forEach(
        (key, change) ->
            next.desired()
                .find(key)
                .ifPresentOrElse(
                    object -> updates.add(applied(object, next)), () -> gone.add(key)));
    states.keep(updates);
    if (!gone.isEmpty()) {
      states.forget(
          gone,
          gone.stream()
              .map(key -> events.event(key, EventReason.REMOVED, "left the repo", false))
              .toList());
    }
  }

  private Update applied(Resource object, Target next) {
    ObjectKey key = ObjectKey.of(object);
    String source = object.location().toString();
    ObjectState before = states.find(key).orElseGet(() -> ObjectState.fresh(key, source));
    Conditions conditions =
        before
            .conditions()
            .with(
                ConditionType.READY,
                true,
                ObjectReason.APPLIED,
                "in force",
                next.revision(),
                Instant.ofEpochMilli(clock.millis()));
    return new Update(
        before.applied(planner.fingerprint(object, next.desired())).at(source).with(conditions),
        Optional.of(planner.fields(object, next.desired())),
        List.of());
  }

  /**
   * The app version that a declared appspace runs, or ran last; empty before it was installed. Of
   * one that is paused two small files are read.
   */
  public Optional<InstalledApp> app(String appspace) {
    return target.get().appspace(appspace).flatMap(appspaces::app);
  }
}
