package io.dropserver.reconciler.converge;

import io.dropserver.base.concurrent.Timers;
import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.ObjectChange;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.reconciler.status.FailedInstallations;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.state.DataFolders;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Converges the live state to what a revision declares. Level-triggered: accepts any target at any
 * time, and works only on objects that differ from it or that failed before.
 *
 * <p>Thread-safe. Does nothing before the first {@link #apply}.
 */
public final class Converger implements AutoCloseable {
  private final DataFolders data;
  private final ObjectStatusWriter record;
  private final SiteRegistry sites;
  private final AppspaceReconciler appspaces;
  private final AppspaceRemoval appspaceRemoval;
  private final DeclaredObjects declared;
  private final AppspaceWork work;
  private final AppInstaller installer;

  /**
   * The dependencies of the converger.
   *
   * @param backups makes backups and copies before data is changed
   * @param removals is notified of removed appspaces
   */
  public record Ports(
      AppVersions versions,
      SandboxManager sandboxes,
      SitePublisher publisher,
      SiteUrls urls,
      UpgradeBackups backups,
      AppspaceRemovalListener removals,
      Timers timers,
      Backoff backoff,
      Clock clock) {}

  /**
   * @param declared the target, which {@link #apply} replaces
   * @param work the queue of attempts; this constructor starts it
   * @param observer receives the spec that an appspace runs, after it was declared to the sandboxes
   */
  public Converger(
      Ports ports,
      DeclaredObjects declared,
      AppspaceWork work,
      DataFolders data,
      ObjectStates states,
      EventLog events,
      ServerState server,
      Planner planner,
      FailedInstallations failedInstallations,
      Consumer<SandboxSpec> observer) {
    this.declared = declared;
    this.work = work;
    this.data = data;
    this.record = new ObjectStatusWriter(states, events, server, planner, ports.clock());
    this.installer = new AppInstaller(ports.versions(), failedInstallations);
    this.sites =
        new SiteRegistry(ports.publisher(), ports.timers(), ports.clock(), declared::whitelists);
    this.appspaceRemoval = new AppspaceRemoval(data, states, ports.removals(), ports.clock());
    this.appspaces =
        new AppspaceReconciler(
            declared::target,
            work,
            ports,
            installer,
            data,
            observer,
            sites,
            record,
            appspaceRemoval);
    work.start(appspaces::attempt);
  }

  /**
   * Converges to a revision.
   *
   * @param origins for each app version that this revision does not declare, one that does
   * @param plan changes from the applied state to {@code desired}
   * @return completes after the first attempt at every object that the revision changes, when the
   *     sites are in service
   */
  public CompletableFuture<Void> apply(
      String revision, Desired desired, Map<App.AppVersion, String> origins, Plan plan) {
    Target next = Target.of(revision, desired, origins, plan);
    appspaceRemoval.recordDeclared(next);
    Target before = declared.replace(next);
    String domain = next.instance().settings().domain();
    boolean all = before.revision().isEmpty() || !domain.equals(sites.domain());
    // People come first, because a table with a domain ends the sessions of all others.
    sites.people(SitePolicy.people(next));
    sites.groups(next.instance().groups());
    sites.domain(domain);
    if (!before.revision().isEmpty()) {
      sites.publishSoon(); // revoked access must not wait for installations
    }
    record.keepSimpleObjects(next);
    Set<String> names = new TreeSet<>();
    if (all) {
      names.addAll(next.instance().appspaces().keySet());
      // A crash can leave data without an appspace. It is retained like the data of a removed
      // appspace.
      names.addAll(data.liveAppspaces());
    }
    names.addAll(touched(plan, before, next));
    Set<String> changedNames = next.differsFrom(before);
    names.addAll(changedNames);
    names.addAll(record.neverApplied(next));
    if (!all) {
      // The plan contains every appspace that was never in service, whether or not it changed.
      work.failed().stream().filter(name -> !changedNames.contains(name)).forEach(names::remove);
    }
    names.removeAll(next.renames().values());
    CompletableFuture<?>[] done =
        names.stream().map(name -> start(name, next)).toArray(CompletableFuture<?>[]::new);
    CompletableFuture<Void> changed = CompletableFuture.allOf(done);
    var _ = changed.thenRunAsync(() -> retryFailed(names, next));
    return changed.thenRunAsync(sites::publish);
  }

  /**
   * Starts attempts at the appspaces that failed and that the revision does not change. The caller
   * of {@link #apply} does not wait for them.
   */
  private void retryFailed(Set<String> changed, Target next) {
    Set<String> names = new TreeSet<>(work.failed());
    names.removeAll(changed);
    names.removeAll(next.renames().values());
    names.forEach(
        name -> {
          var _ = work.add(name);
        });
  }

  /**
   * Starts work on an appspace. For a renamed appspace, first waits for running work under its
   * earlier name.
   */
  private CompletableFuture<Void> start(String name, Target next) {
    String earlier = next.renames().get(name);
    return earlier == null
        ? work.add(name)
        : work.add(earlier).thenCompose(ended -> work.add(name));
  }

  /** Starts an attempt at one appspace now, regardless of its backoff. */
  public CompletableFuture<Void> reconcile(String appspace) {
    return work.retry(appspace).thenRun(sites::publish);
  }

  /**
   * Starts an attempt at one appspace now, for a person. If the version of its app could not be
   * installed, the attempt installs it again. Attempts at other failed appspaces of the app follow.
   *
   * @return completes after the attempt at this appspace
   */
  public CompletableFuture<Void> retry(String appspace) {
    Optional<String> app = appOf(appspace);
    app.ifPresent(installer::retry);
    CompletableFuture<Void> done = reconcile(appspace);
    if (app.isPresent()) {
      var _ = done.thenCompose(_ -> retryFailedOf(app.get()));
    }
    return done;
  }

  /**
   * Lets the failed versions of an app be installed again, and starts attempts at all its appspaces
   * that failed.
   *
   * @return completes after these attempts
   */
  public CompletableFuture<Void> retryApp(String app) {
    installer.retry(app);
    return retryFailedOf(app).thenRun(sites::publish);
  }

  private CompletableFuture<Void> retryFailedOf(String app) {
    return CompletableFuture.allOf(
        work.failed().stream()
            .filter(name -> appOf(name).equals(Optional.of(app)))
            .map(work::add)
            .toArray(CompletableFuture<?>[]::new));
  }

  private Optional<String> appOf(String appspace) {
    return declared.appspace(appspace).map(each -> each.app().name());
  }

  /**
   * Returns the content IDs that appspaces run or may go back to, which must not be
   * garbage-collected; empty before the first revision, when they are not known yet.
   */
  public Optional<Set<String>> contentsInUse() {
    return declared.revision().isEmpty()
        ? Optional.empty()
        : Optional.of(appspaces.contentsInUse());
  }

  /**
   * Starts no further attempts and blocks until the running ones have ended. The appspaces that are
   * in service stay in service.
   */
  @Override
  public void close() {
    work.close();
  }

  private Set<String> touched(Plan plan, Target before, Target next) {
    Set<String> names = new TreeSet<>();
    for (ObjectChange objectChange : plan.changes()) {
      switch (objectChange.key().kind()) {
        case APPSPACE -> names.add(objectChange.key().name());
        case EGRESS_WHITELIST -> {
          appspaceOf(before, objectChange.key()).ifPresent(names::add);
          appspaceOf(next, objectChange.key()).ifPresent(names::add);
        }
        case INSTANCE, USER, GROUP, APP, SECRET -> {
          // The plan also contains each appspace that such a change affects. The host table
          // contains the users and groups. The gateway looks secrets up for each request.
        }
      }
    }
    return names;
  }

  private static Optional<String> appspaceOf(Target target, ObjectKey whitelist) {
    return Optional.ofNullable(target.instance().whitelists().get(whitelist.name()))
        .map(EgressWhitelist::appspace);
  }

  /**
   * Returns the app version that a declared appspace runs or ran last; empty before it was
   * installed. For a paused appspace, this method reads two small files.
   */
  public Optional<InstalledApp> app(String appspace) {
    return declared.appspace(appspace).flatMap(appspaces::app);
  }
}
