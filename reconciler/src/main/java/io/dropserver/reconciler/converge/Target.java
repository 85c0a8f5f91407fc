package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.plan.Change;
import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Instance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What is being converged to. Immutable; replaced as a whole by the next revision.
 *
 * @param origins of app versions that an earlier revision declared; the others are of this one
 * @param changes by object, for events
 * @param renames new name of an appspace to its earlier one
 * @param whitelists by appspace
 */
record Target(
    String revision,
    Desired desired,
    Map<App.Version, String> origins,
    Map<ObjectKey, Change> changes,
    Map<String, String> renames,
    Map<String, List<EgressWhitelist>> whitelists) {

  static Target of(String revision, Desired desired, Map<App.Version, String> origins, Plan plan) {
    Map<ObjectKey, Change> changes = new HashMap<>();
    Map<String, String> renames = new HashMap<>();
    for (Change change : plan.changes()) {
      changes.put(change.key(), change);
      change.renamedFrom().ifPresent(from -> renames.put(change.key().name(), from));
    }
    Map<String, List<EgressWhitelist>> whitelists = new HashMap<>();
    for (EgressWhitelist whitelist : desired.instance().whitelists().values()) {
      whitelists.computeIfAbsent(whitelist.appspace(), absent -> new ArrayList<>()).add(whitelist);
    }
    return new Target(revision, desired, origins, changes, renames, whitelists);
  }

  /**
   * Appspaces that two targets declare differently. An attempt that began under the one may still
   * end after the other was planned, so what is applied does not tell all.
   */
  Set<String> differsFrom(Target before) {
    Set<String> names = new HashSet<>(before.instance().appspaces().keySet());
    names.addAll(instance().appspaces().keySet());
    names.removeIf(name -> declaresAlike(before, name));
    return names;
  }

  private boolean declaresAlike(Target before, String name) {
    Optional<Appspace> now = appspace(name);
    Optional<Appspace> then = before.appspace(name);
    return now.equals(then)
        && Objects.equals(whitelists.get(name), before.whitelists.get(name))
        && now.flatMap(this::content).equals(then.flatMap(before::content));
  }

  private Optional<String> content(Appspace appspace) {
    return desired.contents().of(version(appspace));
  }

  Instance instance() {
    return desired.instance();
  }

  Optional<Appspace> appspace(String name) {
    return Optional.ofNullable(instance().appspaces().get(name));
  }

  App.Version version(Appspace appspace) {
    return Optional.ofNullable(instance().apps().get(appspace.app().name()))
        .flatMap(app -> app.version(appspace.app().version()))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    appspace.app().name()
                        + " "
                        + appspace.app().version()
                        + " is not declared; the reader lets no such revision pass"));
  }

  String originOf(App.Version version) {
    return origins.getOrDefault(version, revision);
  }
}
