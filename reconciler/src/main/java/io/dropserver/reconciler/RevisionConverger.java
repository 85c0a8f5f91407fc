package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.AppVersions;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.plan.ContentIds;
import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.source.ConfigSource;
import io.dropserver.reconciler.source.Revision;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Converges to a revision that was judged good: keeps retained objects, plans, and applies the
 * plan. One thread at a time may converge. Reads are thread-safe.
 */
final class RevisionConverger {
  private static final Logger LOG = LoggerFactory.getLogger(RevisionConverger.class);

  private final ConfigSource source;
  private final RevisionReader reader;
  private final AppVersions versions;
  private final Planner planner;
  private final Converger converger;
  private final ObjectStates states;
  private final Consumer<Instance> served;
  private final RetainedObjects retainedObjects;
  private volatile Optional<InstanceSettings> settings = Optional.empty();
  private volatile CompletableFuture<Void> converging = CompletableFuture.completedFuture(null);

  /**
   * @param served receives each instance that was put into service
   */
  RevisionConverger(
      ConfigSource source,
      RevisionReader reader,
      AppVersions versions,
      Planner planner,
      Converger converger,
      ObjectStates states,
      Consumer<Instance> served,
      java.time.Clock clock) {
    this.source = source;
    this.reader = reader;
    this.versions = versions;
    this.planner = planner;
    this.converger = converger;
    this.states = states;
    this.served = served;
    this.retainedObjects = new RetainedObjects(states, this::earlier, clock);
  }

  /** Returns the settings of the newest revision; empty before the first. */
  Optional<InstanceSettings> settings() {
    return settings;
  }

  /** Completes when the newest plan was applied. */
  CompletableFuture<Void> converging() {
    return converging;
  }

  /**
   * Plans the changes to a revision and begins to apply them.
   *
   * @param before the revision that was served before
   */
  Plan converge(String id, Instance instance, Optional<String> before) {
    settings = Optional.of(instance.settings());
    RetainedObjects.Merged merged = retainedObjects.merge(instance, id, before);
    Desired desired = new Desired(merged.instance(), contents(merged.origins(), id));
    Plan plan = planner.plan(states, desired);
    converging = converger.apply(id, desired, merged.origins(), plan);
    served.accept(merged.instance());
    return plan;
  }

  /** Returns content IDs for a revision. Each version is identified only once. */
  private ContentIds contents(Map<App.AppVersion, String> origins, String revision) {
    Map<App.AppVersion, Optional<String>> known = new ConcurrentHashMap<>();
    return appVersion ->
        known.computeIfAbsent(
            appVersion, version -> contentId(version, origins.getOrDefault(version, revision)));
  }

  private Optional<String> contentId(App.AppVersion appVersion, String origin) {
    try {
      return Optional.of(versions.contentId(appVersion, origin));
    } catch (RuntimeException e) {
      LOG.debug("the content of {} is not known: {}", appVersion, e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Instance> earlier(String revision) {
    try {
      return reader.read(source.snapshot(revision)).instance();
    } catch (SourceException e) {
      LOG.warn(
          "revision {} with retained objects cannot be read: {}",
          new Revision(revision).shortId(),
          e.getMessage());
      return Optional.empty();
    }
  }
}
