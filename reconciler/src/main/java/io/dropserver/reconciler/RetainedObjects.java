package io.dropserver.reconciler;

import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.status.ObjectState;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.reconciler.status.ObjectStates.Update;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Follow;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Labels;
import io.dropserver.schema.instance.User;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.ObjectReason;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Retains objects that were removed from the repo while {@code prune} is off. A retained object
 * keeps its declaration from the last revision that contained it. The ID of that revision is
 * stored, so the object survives a restart. Not thread-safe.
 *
 * @param revisions reads an earlier revision; empty if it is no longer readable
 */
record RetainedObjects(
    ObjectStates states, Function<String, Optional<Instance>> revisions, Clock clock) {
  /**
   * @param instance the declared objects and the retained ones
   * @param origins revision that declares each app version which the new revision does not declare
   */
  record Merged(Instance instance, Map<App.AppVersion, String> origins) {}

  /**
   * Adds retained objects to a new revision's instance, and records which objects are retained.
   *
   * @param before the revision that was in service until now, if any
   */
  Merged merge(Instance instance, String revision, Optional<String> before) {
    releaseRedeclared(instance);
    if (instance.settings().reconcile().prune()) {
      return new Merged(instance, Map.of());
    }
    Map<String, List<ObjectKey>> missing = new TreeMap<>();
    for (ObjectKey key : states.keys()) {
      if (!declares(instance, key)) {
        states
            .find(key)
            .flatMap(ObjectState::keptFrom)
            .or(() -> before)
            .ifPresent(from -> missing.computeIfAbsent(from, absent -> new ArrayList<>()).add(key));
      }
    }
    Merging merging = new Merging(instance);
    missing.forEach(
        (from, keys) ->
            revisions
                .apply(from)
                .ifPresent(
                    earlier -> {
                      keys.forEach(key -> merging.add(key, earlier, from));
                      keep(keys, from, revision);
                    }));
    return merging.done();
  }

  /** Marks retained objects that the new revision declares again as no longer retained. */
  private void releaseRedeclared(Instance instance) {
    store(
        states.sorted().stream()
            .filter(state -> state.keptFrom().isPresent() && declares(instance, state.key()))
            .map(
                state ->
                    state
                        .keptFrom(Optional.empty())
                        .with(state.conditions().without(ConditionType.KEPT))));
  }

  private void keep(List<ObjectKey> keys, String from, String revision) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    String message =
        "was removed from the repository and stays in service as %s declared it, because reconcile.prune is false"
            .formatted(from);
    store(
        keys.stream()
            .flatMap(key -> states.find(key).stream())
            .map(
                state ->
                    state
                        .keptFrom(Optional.of(from))
                        .with(
                            state
                                .conditions()
                                .with(
                                    ConditionType.KEPT,
                                    true,
                                    ObjectReason.PRUNE_OFF,
                                    message,
                                    revision,
                                    now))));
  }

  private void store(Stream<ObjectState> changed) {
    states.store(changed.map(state -> new Update(state, Optional.empty(), List.of())).toList());
  }

  private static boolean declares(Instance instance, ObjectKey key) {
    return switch (key.kind()) {
      case INSTANCE -> true;
      case USER -> instance.users().containsKey(key.name());
      case GROUP -> instance.groups().containsKey(key.name());
      case APP -> instance.apps().containsKey(key.name());
      case APPSPACE ->
          instance.appspaces().containsKey(key.name())
              || instance.appspaces().values().stream()
                  .anyMatch(a -> a.renamedFrom().equals(Optional.of(key.name())));
      case EGRESS_WHITELIST -> instance.whitelists().containsKey(key.name());
      case SECRET -> true; // a removed secret is never retained
    };
  }

  /** Builds one instance from objects of several revisions. */
  private static final class Merging {
    private final Instance newest;
    private final SortedMap<String, User> users;
    private final SortedMap<String, Group> groups;
    private final SortedMap<String, App> apps;
    private final SortedMap<String, Appspace> appspaces;
    private final SortedMap<String, EgressWhitelist> whitelists;
    private final Map<Labels.ObjectId, SortedMap<String, String>> labels;
    private final Map<App.AppVersion, String> origins = new HashMap<>();

    Merging(Instance newest) {
      this.newest = newest;
      users = new TreeMap<>(newest.users());
      groups = new TreeMap<>(newest.groups());
      apps = new TreeMap<>(newest.apps());
      appspaces = new TreeMap<>(newest.appspaces());
      whitelists = new TreeMap<>(newest.whitelists());
      labels = new HashMap<>(newest.labels().byObject());
    }

    void add(ObjectKey key, Instance earlier, String from) {
      SortedMap<String, String> earlierLabels = earlier.labels().of(key.kind(), key.name());
      if (!earlierLabels.isEmpty()) {
        labels.putIfAbsent(new Labels.ObjectId(key.kind(), key.name()), earlierLabels);
      }
      switch (key.kind()) {
        case INSTANCE -> {
          // The newest revision always declares one Instance document, whatever its name.
        }
        case USER -> put(users, earlier.users(), key.name());
        case GROUP -> put(groups, earlier.groups(), key.name());
        case APP ->
            put(apps, earlier.apps(), key.name())
                .ifPresent(app -> app.versions().forEach(v -> origins.put(v, from)));
        case APPSPACE ->
            put(appspaces, earlier.appspaces(), key.name())
                .ifPresent(appspace -> needVersion(appspace, earlier, from));
        case EGRESS_WHITELIST -> put(whitelists, earlier.whitelists(), key.name());
        case SECRET -> {
          // A removed secret is never retained.
        }
      }
    }

    /**
     * Adds the app version of a retained appspace, because the revision may also have removed the
     * version.
     */
    private void needVersion(Appspace appspace, Instance earlier, String from) {
      String name = appspace.app().name();
      String version = appspace.app().version();
      App declared = apps.get(name);
      App then = earlier.apps().get(name);
      if (then == null || (declared != null && declared.version(version).isPresent())) {
        return;
      }
      then.version(version)
          .ifPresent(
              missing -> {
                List<App.AppVersion> versions =
                    new ArrayList<>(declared == null ? List.of() : declared.versions());
                versions.add(missing);
                App base = declared == null ? then : declared;
                Optional<Follow> follow = declared == null ? Optional.empty() : declared.follow();
                apps.put(name, new App(name, base.location(), versions, follow));
                origins.put(missing, from);
              });
    }

    /** Adds an object unless there is one of that name. Returns the object of that name. */
    private static <T> Optional<T> put(
        SortedMap<String, T> to, SortedMap<String, T> from, String name) {
      T object = from.get(name);
      if (object != null) {
        to.putIfAbsent(name, object);
      }
      return Optional.ofNullable(to.get(name));
    }

    Merged done() {
      return new Merged(
          new Instance(
              newest.settings(),
              users,
              groups,
              apps,
              appspaces,
              whitelists,
              newest.secrets(),
              new Labels(labels)),
          Map.copyOf(origins));
    }
  }
}
