package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.converge.AppspaceRemoval.RemovedData;
import io.dropserver.reconciler.converge.ConvergenceFailure.StalledException;
import io.dropserver.reconciler.plan.ObjectChange;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.status.Conditions;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.reconciler.status.ObjectState;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.reconciler.status.ObjectStates.Update;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Resource;
import io.dropserver.state.condition.AppReason;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.Event;
import io.dropserver.state.condition.EventReason;
import io.dropserver.state.condition.ObjectReason;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.site.Site;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * Records what is applied: the applied version of an appspace, its conditions and its events, and
 * the objects that need no attempt of their own.
 */
record ObjectStatusWriter(
    ObjectStates states, EventLog events, ServerState server, Planner planner, Clock clock) {
  /**
   * A revision with more changes than this is recorded as one event instead of one event for each
   * appspace.
   */
  private static final int MAX_EVENTS = 500;

  private static final int FIELDS_SHOWN = 8;
  private static final String PAUSED_IN_GIT = "paused by its declaration (state: paused)";

  /** Reasons of a stalled upgrade. Such an upgrade is not retried automatically. */
  private static final Set<AppspaceReason> OF_UPGRADES =
      Set.of(
          AppspaceReason.MIGRATION_FAILED,
          AppspaceReason.MIGRATION_TIMEOUT,
          AppspaceReason.HEALTH_CHECK_FAILED,
          AppspaceReason.RESTORE_NEEDED,
          AppspaceReason.UPGRADE_FAILED);

  /** Reasons of an appspace that is not ready and has not failed. */
  private static final Set<String> NOT_FAILED =
      Set.of(AppspaceReason.PREPARING.text(), AppspaceReason.HELD_BY_OPERATOR.text());

  /** The app that was in service when the appspace was last converged. */
  record Applied(String app, String version, String contentId) {}

  boolean isHeld(String appspace) {
    return server.isHeld(appspace);
  }

  Optional<Applied> lastApplied(String appspace) {
    SortedMap<String, String> fields = states.fields(ObjectKey.appspace(appspace));
    return fields.containsKey("app.content")
        ? Optional.of(
            new Applied(
                fields.getOrDefault("app.name", ""),
                fields.getOrDefault("app.version", ""),
                fields.getOrDefault("app.content", "")))
        : Optional.empty();
  }

  /** Returns why the last attempt at an appspace failed; empty if it did not fail. */
  Optional<Site.Failed> lastFailure(String appspace) {
    return ready(appspace)
        .filter(ready -> !ready.status() && !NOT_FAILED.contains(ready.reason()))
        .map(ready -> new Site.Failed(ready.reason(), ready.message()));
  }

  /** Returns the stalled upgrade that an earlier attempt recorded at this revision, if any. */
  Optional<StalledException> stalledUpgrade(String appspace, String revision) {
    return ready(appspace)
        .filter(ready -> ready.observedRevision().equals(Optional.of(revision)))
        .flatMap(
            ready ->
                Reason.find(AppspaceReason.class, ready.reason())
                    .filter(OF_UPGRADES::contains)
                    .map(reason -> new StalledException(reason, ready.message(), null)));
  }

  private Optional<Condition> ready(String appspace) {
    return states
        .find(ObjectKey.appspace(appspace))
        .flatMap(state -> state.conditions().find(ConditionType.READY));
  }

  /**
   * Sets the reason {@code Preparing} for an appspace that was never applied. Kept in memory only,
   * because it is obsolete after a restart.
   */
  void preparing(Appspace appspace, Target now) {
    ObjectState before = state(appspace);
    if (before.fingerprint().isEmpty() && before.conditions().list().isEmpty()) {
      states.storeInMemory(
          before.with(
              ready(before, now, false, AppspaceReason.PREPARING, "its app is being installed")));
    }
  }

  /**
   * Stores all objects that need no attempt of their own, in one transaction: they take effect when
   * the target is replaced.
   */
  void keepSimpleObjects(Target now) {
    List<Update> updates = new ArrayList<>();
    List<ObjectKey> gone = new ArrayList<>();
    now.changes().keySet().stream()
        .filter(key -> key.kind() != Kind.APPSPACE)
        .forEach(
            key ->
                now.desired()
                    .find(key)
                    .ifPresentOrElse(
                        object -> updates.add(applied(object, now)), () -> gone.add(key)));
    states.store(updates);
    if (!gone.isEmpty()) {
      states.forget(
          gone,
          gone.stream()
              .map(
                  key ->
                      events.event(key, EventReason.REMOVED, "removed from the repository", false))
              .toList());
    }
  }

  private Update applied(Resource object, Target now) {
    ObjectState before = state(object);
    ObjectState after =
        before
            .applied(planner.fingerprint(object, now.desired()))
            .at(object.location().toString())
            .with(ready(before, now, true, ObjectReason.APPLIED, "in effect"));
    return new Update(after, Optional.of(planner.fields(object, now.desired())), List.of());
  }

  /**
   * Returns appspaces that were removed before they could be applied. The plan does not contain
   * them.
   */
  List<String> neverApplied(Target now) {
    return states.sorted().stream()
        .filter(state -> state.fingerprint().isEmpty())
        .map(ObjectState::key)
        .filter(key -> key.kind() == Kind.APPSPACE && now.appspace(key.name()).isEmpty())
        .map(ObjectKey::name)
        .toList();
  }

  void converged(Appspace appspace, Target now, boolean held, Optional<String> earlier) {
    ObjectState before = state(appspace);
    String fingerprint = planner.fingerprint(appspace, now.desired());
    boolean news = !before.fingerprint().equals(Optional.of(fingerprint));
    Conditions conditions = serving(appspace, now, held, before).without(ConditionType.STALLED);
    ObjectState after =
        before.applied(fingerprint).at(appspace.location().toString()).with(conditions);
    Optional<Event> event = news ? changed(appspace, now, before) : recovered(before, conditions);
    Optional<SortedMap<String, String>> fields =
        news ? Optional.of(planner.fields(appspace, now.desired())) : Optional.empty();
    states.store(List.of(new Update(after, fields, event.stream().toList())));
    earlier.map(ObjectKey::appspace).ifPresent(key -> states.forget(List.of(key), List.of()));
  }

  void failed(
      Appspace appspace, Target now, ConvergenceFailure convergenceFailure, boolean earlierServes) {
    ObjectState before = state(appspace);
    Conditions conditions =
        ready(before, now, false, convergenceFailure.reason(), convergenceFailure.message());
    if (earlierServes) {
      String servedVersion =
          lastApplied(appspace.name())
              .map(a -> a.app() + " " + a.version())
              .orElse("the previous version");
      conditions =
          conditions.with(
              ConditionType.STALLED,
              true,
              convergenceFailure.reason(),
              "%s stays in service; `dropserver retry %s` retries immediately"
                  .formatted(servedVersion, retried(appspace, convergenceFailure.reason())),
              now.revision(),
              now());
    } else {
      conditions = conditions.without(ConditionType.STALLED);
    }
    ObjectState after = before.at(appspace.location().toString()).with(conditions);
    boolean news = !conditions.hasSameContent(before.conditions());
    Event event =
        events.event(after.key(), convergenceFailure.reason(), convergenceFailure.message(), true);
    states.store(List.of(new Update(after, Optional.empty(), news ? List.of(event) : List.of())));
  }

  /** The same object as in the message of {@link AppInstaller}. */
  private static String retried(Appspace appspace, Reason reason) {
    return reason instanceof AppReason
        ? "app/" + appspace.app().name()
        : "appspace/" + appspace.name();
  }

  void removed(ObjectKey key, RemovedData data) {
    if (states.find(key).isPresent()) {
      String message =
          "removed from the repository: stopped"
              + switch (data) {
                case NONE -> "; it had no data";
                case RETAINED -> ", and its data is retained (`dropserver data list`)";
                case DELETED ->
                    ", and its data is deleted after a last backup that is fully read back"
                        + " (deletion: delete-after-backup)";
              };
      Event event = events.event(key, EventReason.REMOVED, message, false);
      states.forget(List.of(key), List.of(event));
    }
  }

  private ObjectState state(Resource object) {
    ObjectKey key = ObjectKey.of(object);
    return states.find(key).orElseGet(() -> ObjectState.fresh(key, object.location().toString()));
  }

  private Conditions serving(Appspace appspace, Target now, boolean held, ObjectState before) {
    if (held) {
      String message =
          "paused on this machine by the operator; `dropserver unpause %s` resumes it"
              .formatted(appspace.name());
      return ready(before, now, false, AppspaceReason.HELD_BY_OPERATOR, message);
    }
    String served = "serves " + appspace.app().name() + " " + appspace.app().version();
    return switch (appspace.state()) {
      case PAUSED -> ready(before, now, true, AppspaceReason.PAUSED, PAUSED_IN_GIT);
      case RUNNING -> ready(before, now, true, AppspaceReason.SERVING, served);
    };
  }

  private Conditions ready(
      ObjectState before, Target now, boolean status, Reason reason, String message) {
    return before
        .conditions()
        .with(ConditionType.READY, status, reason, message, now.revision(), now());
  }

  private Optional<Event> changed(Appspace appspace, Target now, ObjectState before) {
    ObjectKey key = ObjectKey.of(appspace);
    ObjectChange objectChange = now.changes().get(key);
    if (now.changes().size() > MAX_EVENTS) {
      return Optional.empty();
    }
    if (objectChange == null || objectChange.action() != ObjectChange.Action.UPDATE) {
      return Optional.of(
          events.event(
              key,
              before.fingerprint().isEmpty() ? EventReason.CREATED : EventReason.UPDATED,
              appspace.app().name() + " " + appspace.app().version(),
              false));
    }
    String what =
        objectChange.fields().stream()
            .limit(FIELDS_SHOWN)
            .map(Object::toString)
            .collect(Collectors.joining(", "));
    String renamed = objectChange.renamedFrom().map(from -> "was " + from + "; ").orElse("");
    return Optional.of(events.event(key, EventReason.UPDATED, renamed + what, false));
  }

  private Optional<Event> recovered(ObjectState before, Conditions after) {
    return before.conditions().find(ConditionType.READY).isPresent()
            && !before.conditions().ready()
            && after.ready()
        ? Optional.of(events.event(before.key(), EventReason.RECOVERED, "it is ready again", false))
        : Optional.empty();
  }

  private Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }
}
