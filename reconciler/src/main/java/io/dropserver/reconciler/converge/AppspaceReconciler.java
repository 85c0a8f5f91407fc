package io.dropserver.reconciler.converge;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.reconciler.converge.ConvergenceFailure.StalledException;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.ClaimOutcome;
import io.dropserver.state.DataClaim;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolder.Writer;
import io.dropserver.state.DataFolders;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.state.site.Site;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one appspace to the declared state of the current target. The site's policy takes effect
 * immediately. The app and its sandbox change only when the new version is ready; until then, the
 * previous version stays in service.
 *
 * <p>Thread-safe, but each appspace must be worked on by one thread at a time.
 */
final class AppspaceReconciler {
  private static final Logger LOG = LoggerFactory.getLogger(AppspaceReconciler.class);

  private final Supplier<Target> target;
  private final AppspaceWork work;
  private final DataFolders data;
  private final SandboxManager sandboxes;
  private final Consumer<SandboxSpec> observer;
  private final SiteRegistry sites;
  private final SiteUrls urls;
  private final Clock clock;
  private final ObjectStatusWriter record;
  private final AppspaceRemoval appspaceRemoval;

  /** The specs that this process declared to the sandbox layer, by appspace. */
  private final Map<String, SandboxSpec> declared = new ConcurrentHashMap<>();

  private final AppInstaller installer;
  private final Upgrade upgrade;

  AppspaceReconciler(
      Supplier<Target> target,
      AppspaceWork work,
      Converger.Ports ports,
      AppInstaller installer,
      DataFolders data,
      Consumer<SandboxSpec> observer,
      SiteRegistry sites,
      ObjectStatusWriter record,
      AppspaceRemoval appspaceRemoval) {
    this.target = target;
    this.work = work;
    this.installer = installer;
    this.data = data;
    this.sandboxes = ports.sandboxes();
    this.observer = observer;
    this.sites = sites;
    this.urls = ports.urls();
    this.clock = ports.clock();
    this.record = record;
    this.appspaceRemoval = appspaceRemoval;
    this.upgrade = new Upgrade(data, sandboxes, ports.backups());
  }

  /**
   * Returns the content IDs that appspaces run, are being changed to, or may go back to. The caller
   * may garbage-collect all others, so this method first forgets which versions are installed.
   */
  Set<String> contentsInUse() {
    // Forget first. An attempt that asks the store after this line marks its content as used there.
    // An attempt that asked earlier works for a target that is read below.
    installer.forgetInstalled();
    Set<String> contents = new HashSet<>(data.contentIds());
    Target current = target.get();
    for (Appspace appspace : current.instance().appspaces().values()) {
      current.desired().contents().of(current.version(appspace)).ifPresent(contents::add);
      record.lastApplied(appspace.name()).ifPresent(last -> contents.add(last.contentId()));
    }
    declared.values().forEach(spec -> contents.add(spec.app().contentId()));
    return contents;
  }

  /** Returns the app version that the appspace runs or ran last. */
  Optional<InstalledApp> app(Appspace appspace) {
    return installedApp(appspace.name())
        .or(
            () ->
                lastApplied(appspace.name(), appspace.app().name())
                    .flatMap(version -> installer.installed(appspace, version)));
  }

  private Optional<InstalledApp> installedApp(String appspace) {
    return Optional.ofNullable(declared.get(appspace)).map(SandboxSpec::app);
  }

  /** Makes one attempt to converge an appspace. Records a failure instead of throwing it. */
  ReconcileResult attempt(String name) {
    boolean worked = work.runScheduled(name, () -> stopForWork(name));
    Target current = target.get();
    Optional<Appspace> appspace = current.appspace(name);
    try {
      if (appspace.isPresent()) {
        converge(appspace.get(), current);
      } else {
        remove(name, current);
      }
      return ReconcileResult.DONE;
    } catch (RuntimeException e) {
      ConvergenceFailure convergenceFailure = ConvergenceFailure.of(e);
      if (!convergenceFailure.expected()) {
        LOG.warn("appspace {} cannot be converged", name, e);
      }
      appspace.ifPresent(wanted -> keepServing(wanted, current, convergenceFailure));
      return convergenceFailure.worthRetrying() ? ReconcileResult.FAILED : ReconcileResult.STUCK;
    } finally {
      if (worked) {
        sites.publish(); // the caller waits until the appspace is back in service
      } else {
        sites.publishSoon();
      }
    }
  }

  private void converge(Appspace appspace, Target now) {
    String name = appspace.name();
    boolean held = record.isHeld(name);
    boolean paused = isPaused(appspace);
    Optional<String> earlier = Optional.ofNullable(now.renames().get(name));
    earlier.ifPresent(this::stop);
    applyPolicy(appspace, now, paused);
    if (!paused) {
      sandboxes.requireIsolation(appspace.isolation());
    }
    Optional<InstalledApp> app = paused ? Optional.empty() : Optional.of(install(appspace, now));
    DataFolder folder = claim(appspace, now, earlier, app);
    if (app.isPresent()) {
      serve(appspace, now, app.get(), folder);
      sites.put(site(appspace, now, new Site.Serving()));
    } else {
      stop(name);
    }
    record.converged(appspace, now, held, earlier);
  }

  private boolean isPaused(Appspace appspace) {
    return record.isHeld(appspace.name()) || appspace.state() == Appspace.DesiredState.PAUSED;
  }

  private void serve(Appspace appspace, Target now, InstalledApp app, DataFolder folder) {
    String name = appspace.name();
    SandboxSpec next = spec(appspace, now, app, folder);
    Writer version = new Writer(app.version(), app.contentId());
    Optional<Writer> before = writer(folder);
    if (before.filter(writer -> !writer.equals(version)).isPresent() && data.hasDataOnDisk(name)) {
      requireNotStalled(name, now);
      Upgrade.Before old =
          new Upgrade.Before(before.get(), installer.installed(appspace, before.get()));
      SandboxSpec served = upgrade.run(appspace, next, old, () -> stopForWork(name));
      if (next.dataFolder().equals(served.dataFolder())) {
        recordDeclared(served);
      } else {
        declare(served);
      }
    } else {
      declare(next);
      if (!folder.writer().equals(Optional.of(version))) {
        data.recordWriter(name, version);
      }
    }
  }

  /**
   * Returns the version that wrote the data. Older releases did not record it with the data; in
   * that case, returns the version that was applied last.
   */
  private Optional<Writer> writer(DataFolder folder) {
    return folder.writer().or(() -> lastApplied(folder.appspace(), folder.app()));
  }

  /** Returns the version that was applied last, if it was a version of the app. */
  private Optional<Writer> lastApplied(String appspace, String app) {
    return record
        .lastApplied(appspace)
        .filter(applied -> applied.app().equals(app))
        .map(applied -> new Writer(applied.version(), applied.contentId()));
  }

  private void requireNotStalled(String name, Target now) {
    if (!work.takeRetryRequest(name)) {
      record
          .stalledUpgrade(name, now.revision())
          .ifPresent(
              failure -> {
                throw failure;
              });
    }
  }

  private void stopForWork(String name) {
    sites
        .find(name)
        .filter(site -> !(site.state() instanceof Site.Failed))
        .ifPresent(site -> sites.put(site.withState(new Site.Preparing())));
    sites.publish();
    stop(name);
  }

  /**
   * Applies access, hosts, headers and egress rules immediately, even if the app's version cannot
   * be changed.
   */
  private void applyPolicy(Appspace appspace, Target now, boolean paused) {
    sites.put(site(appspace, now, paused ? new Site.Paused() : stateBefore(appspace)));
    sites.publishSoon();
    SandboxSpec running = declared.get(appspace.name());
    if (running != null) {
      declare(running.withEgress(egress(appspace, now)));
    }
  }

  /**
   * Returns the state of a site until the attempt has ended. A failed appspace remains failed, also
   * after a restart, so that visitors do not read that its app is being installed.
   */
  private Site.State stateBefore(Appspace appspace) {
    return sites
        .find(appspace.name())
        .map(Site::state)
        .filter(state -> state instanceof Site.Serving || state instanceof Site.Failed)
        .or(() -> record.lastFailure(appspace.name()))
        .orElseGet(Site.Preparing::new);
  }

  private Site site(Appspace appspace, Target now, Site.State state) {
    String name = appspace.name();
    return SitePolicy.of(
        appspace, now, installedApp(name), data.live(name), state, clock.instant());
  }

  private InstalledApp install(Appspace appspace, Target now) {
    AppInstaller.Candidate candidate = installer.candidate(appspace, now);
    if (!installer.isKnown(candidate)) {
      record.preparing(appspace, now);
      if (isFailed(appspace) && installer.isNew(candidate)) {
        sites.put(site(appspace, now, new Site.Preparing()));
      }
      // Until the app is installed, visitors see a "preparing" page instead of "not found".
      sites.publishSoon();
    }
    return installer.install(candidate);
  }

  private boolean isFailed(Appspace appspace) {
    return sites.find(appspace.name()).stream()
        .anyMatch(site -> site.state() instanceof Site.Failed);
  }

  private DataFolder claim(
      Appspace appspace, Target now, Optional<String> earlier, Optional<InstalledApp> app) {
    DataClaim dataClaim =
        new DataClaim(
            appspace.name(),
            appspace.app().name(),
            appspace.owner(),
            from(appspace, now, earlier),
            false,
            app.map(version -> new Writer(version.version(), version.contentId())));
    return switch (data.claim(
        dataClaim, () -> target.get().appspace(appspace.name()).isPresent(), this::waits)) {
      case ClaimOutcome.DataAssigned dataAssigned -> dataAssigned.data();
      case ClaimOutcome.DataWithheld(DataFolder other) ->
          throw withheld(
              "it would start empty while data of an earlier appspace \"%s\" (app %s, owner %s) is retained; %s`dropserver data adopt %s %s` gives it this data, `dropserver data start-empty %6$s` starts it without"
                  .formatted(
                      other.appspace(),
                      other.app(),
                      other.owner(),
                      dataClaim.matches(other)
                          ? "`renamedFrom: " + other.appspace() + "` in the repository or "
                          : "",
                      other.id(),
                      appspace.name()));
      case ClaimOutcome.ClaimCancelled() ->
          throw withheld("it was removed from the repository while it was being prepared");
    };
  }

  /**
   * Returns whether data under the name of an appspace waits for a decision: the appspace is not
   * declared, and no declared one takes over its data.
   */
  private boolean waits(String name) {
    Target current = target.get();
    return current.appspace(name).isEmpty()
        && current.successors().getOrDefault(name, List.of()).stream()
            .allMatch(successor -> data.live(successor).isPresent());
  }

  private static StalledException withheld(String message) {
    return new StalledException(AppspaceReason.DATA_RETAINED, message, null);
  }

  /**
   * Returns the earlier name of a renamed appspace. If that appspace was already removed, {@code
   * renamedFrom} still applies, because its data may be retained.
   */
  private static Optional<String> from(Appspace appspace, Target now, Optional<String> earlier) {
    return earlier.or(() -> appspace.renamedFrom().filter(name -> now.appspace(name).isEmpty()));
  }

  private SandboxSpec spec(Appspace appspace, Target now, InstalledApp app, DataFolder folder) {
    return new SandboxSpec(
        appspace.name(),
        app,
        data.files(folder),
        folder.uid(),
        urls.of(appspace.host() + "." + now.instance().settings().domain()),
        appspace.config(),
        appspace.limits(),
        appspace.isolation(),
        egress(appspace, now));
  }

  private static EgressPolicy egress(Appspace appspace, Target now) {
    return EgressPolicy.of(now.whitelists().getOrDefault(appspace.name(), List.of()));
  }

  private void declare(SandboxSpec spec) {
    if (!spec.equals(declared.get(spec.appspace()))) {
      sandboxes.declare(spec);
      recordDeclared(spec);
    }
  }

  private void recordDeclared(SandboxSpec spec) {
    declared.put(spec.appspace(), spec);
    observer.accept(spec);
  }

  private void stop(String name) {
    if (declared.containsKey(name)) {
      sandboxes.withdraw(name);
      declared.remove(name);
    }
  }

  /**
   * Takes the site of an appspace down that was removed from the repo, and stops it. Its data is
   * retained. The site goes first, because the stop waits for requests in progress, which end with
   * the site.
   */
  private void remove(String name, Target now) {
    sites.remove(name);
    sites.publishSoon();
    stop(name);
    sandboxes.forget(name);
    if (!now.renames().containsValue(name)) {
      record.removed(ObjectKey.appspace(name), appspaceRemoval.retain(name));
    }
  }

  /** Records a failed attempt. The version that was in service stays in service. */
  private void keepServing(Appspace appspace, Target now, ConvergenceFailure convergenceFailure) {
    try {
      if (isPaused(appspace)) {
        keepPaused(appspace, now, convergenceFailure);
        return;
      }
      boolean serving = declared.containsKey(appspace.name());
      boolean withheld =
          convergenceFailure.reason() == AppspaceReason.DATA_RETAINED
              || convergenceFailure.reason() == SandboxReason.ISOLATION_UNAVAILABLE;
      if (!serving && !withheld) {
        serving = resume(appspace, now);
      }
      sites.put(
          site(
              appspace,
              now,
              serving
                  ? new Site.Serving()
                  : new Site.Failed(
                      convergenceFailure.reason().text(), convergenceFailure.message())));
      record.failed(appspace, now, convergenceFailure, serving);
    } catch (RuntimeException e) {
      LOG.warn("the failure of appspace {} cannot be recorded", appspace.name(), e);
    }
  }

  /** Records a failed attempt at a paused appspace, such as on a full disk. It is not resumed. */
  private void keepPaused(Appspace appspace, Target now, ConvergenceFailure convergenceFailure) {
    sites.put(site(appspace, now, new Site.Paused()));
    try {
      record.failed(appspace, now, convergenceFailure, false);
    } finally {
      stop(appspace.name());
    }
  }

  /**
   * Declares the version that was applied last, for a server that was restarted during an upgrade.
   * Returns false if there is no such version.
   */
  private boolean resume(Appspace appspace, Target now) {
    Optional<DataFolder> folder = data.live(appspace.name());
    Optional<InstalledApp> last =
        folder.flatMap(this::writer).flatMap(version -> installer.installed(appspace, version));
    last.ifPresent(app -> declare(spec(appspace, now, app, folder.orElseThrow())));
    return last.isPresent();
  }
}
