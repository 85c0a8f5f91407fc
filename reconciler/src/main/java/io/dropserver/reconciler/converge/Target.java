package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.ObjectChange;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import io.dropserver.schema.instance.InstanceSettings.ApprovalSettings;
import io.dropserver.schema.instance.InstanceSettings.DecidedIn;
import io.dropserver.schema.instance.InstanceSettings.ReconcileSettings;
import io.dropserver.schema.instance.Labels;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Location;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The state to converge to. Immutable; the next revision replaces it as a whole.
 *
 * @param origins revision that declares each app version which {@code revision} does not declare
 * @param changes by object, for events
 * @param renames earlier name of each renamed appspace, by its new name
 * @param successors names of the appspaces that declare {@code renamedFrom}, by that earlier name
 * @param whitelists by appspace
 */
record Target(
    String revision,
    Desired desired,
    Map<App.AppVersion, String> origins,
    Map<ObjectKey, ObjectChange> changes,
    Map<String, String> renames,
    Map<String, List<String>> successors,
    Map<String, List<EgressWhitelist>> whitelists) {

  /** The target before the first revision: it declares nothing. */
  static final Target NONE =
      new Target(
          "",
          new Desired(
              new Instance(
                  new InstanceSettings(
                      "",
                      Location.ofFile("."),
                      "",
                      new ReconcileSettings(Duration.ofSeconds(30), false, false),
                      new ApprovalSettings(
                          ApprovalMode.AUTO, 0, Duration.ofDays(30), DecidedIn.GIT),
                      Limits.DEFAULT,
                      BackupPolicy.DEFAULT),
                  Collections.emptySortedMap(),
                  Collections.emptySortedMap(),
                  Collections.emptySortedMap(),
                  Collections.emptySortedMap(),
                  Collections.emptySortedMap(),
                  Collections.emptySortedMap(),
                  Labels.NONE),
              appVersion -> Optional.empty()),
          Map.of(),
          Map.of(),
          Map.of(),
          Map.of(),
          Map.of());

  static Target of(
      String revision, Desired desired, Map<App.AppVersion, String> origins, Plan plan) {
    Map<ObjectKey, ObjectChange> changes = new HashMap<>();
    Map<String, String> renames = new HashMap<>();
    for (ObjectChange objectChange : plan.changes()) {
      changes.put(objectChange.key(), objectChange);
      objectChange.renamedFrom().ifPresent(from -> renames.put(objectChange.key().name(), from));
    }
    Map<String, List<String>> successors =
        desired.instance().appspaces().values().stream()
            .filter(appspace -> appspace.renamedFrom().isPresent())
            .collect(
                Collectors.groupingBy(
                    appspace -> appspace.renamedFrom().get(),
                    Collectors.mapping(Appspace::name, Collectors.toList())));
    Map<String, List<EgressWhitelist>> whitelists =
        desired.instance().whitelists().values().stream()
            .collect(Collectors.groupingBy(EgressWhitelist::appspace));
    return new Target(revision, desired, origins, changes, renames, successors, whitelists);
  }

  /**
   * Returns the appspaces that two targets declare differently. The plan may lack some of them: an
   * attempt under the earlier target may end after the later one was planned.
   */
  Set<String> differsFrom(Target before) {
    Set<String> names = new HashSet<>(before.instance().appspaces().keySet());
    names.addAll(instance().appspaces().keySet());
    names.removeIf(name -> declaresAlike(before, name));
    return names;
  }

  private boolean declaresAlike(Target before, String name) {
    Optional<Appspace> declared = appspace(name);
    Optional<Appspace> then = before.appspace(name);
    return declared.equals(then)
        && Objects.equals(whitelists.get(name), before.whitelists.get(name))
        && declared.flatMap(this::content).equals(then.flatMap(before::content));
  }

  private Optional<String> content(Appspace appspace) {
    return desired.contents().of(version(appspace));
  }

  Instance instance() {
    return desired.instance();
  }

  Optional<Appspace> appspace(String name) {
    return instance().appspace(name);
  }

  App.AppVersion version(Appspace appspace) {
    return Optional.ofNullable(instance().apps().get(appspace.app().name()))
        .flatMap(app -> app.version(appspace.app().version()))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "%s %s is not declared, although the reader refuses such a revision"
                        .formatted(appspace.app().name(), appspace.app().version())));
  }

  String originOf(App.AppVersion appVersion) {
    return origins.getOrDefault(appVersion, revision);
  }
}
