package io.dropserver.reconciler.plan;

import io.dropserver.reconciler.plan.ObjectChange.Action;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Resource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Computes a plan from the applied and the desired state, for the running server and for the {@code
 * plan} command. Has no side effects apart from a cache of fingerprints. Thread-safe.
 */
public final class Planner {
  private final Fingerprints fingerprints = new Fingerprints();

  public Plan plan(LastApplied applied, Desired desired) {
    List<ObjectChange> changes = new ArrayList<>();
    Set<ObjectKey> declared = new HashSet<>();
    Set<ObjectKey> renamed = new HashSet<>();
    desired
        .objects()
        .forEach(
            object -> {
              declared.add(ObjectKey.of(object));
              change(applied, desired, object)
                  .ifPresent(
                      objectChange -> {
                        changes.add(objectChange);
                        objectChange.renamedFrom().map(ObjectKey::appspace).ifPresent(renamed::add);
                      });
            });
    fingerprints.keepOnly(declared);
    boolean prune = desired.instance().settings().reconcile().prune();
    // Without prune, objects that were removed from Git stay in use, but secrets do not.
    applied.keys().stream()
        .filter(key -> prune || key.kind() == Kind.SECRET)
        .filter(key -> !declared.contains(key) && !renamed.contains(key))
        .sorted(Collections.reverseOrder())
        .map(key -> new ObjectChange(Action.REMOVE, key, deletion(applied, key), Optional.empty()))
        .forEach(changes::add);
    return new Plan(List.copyOf(changes));
  }

  private static List<FieldChange> deletion(LastApplied applied, ObjectKey key) {
    if (key.kind() != Kind.APPSPACE) {
      return List.of();
    }
    return Optional.ofNullable(applied.fields(key).get("deletion"))
        .filter("delete-after-backup"::equals)
        .map(word -> new FieldChange("deletion", Optional.of(word), Optional.empty()))
        .stream()
        .toList();
  }

  /** Returns the fingerprint to store after an object was applied. */
  public String fingerprint(Resource object, Desired desired) {
    return fingerprints.of(object, desired);
  }

  /** Returns the fields to store after an object was applied. */
  public SortedMap<String, String> fields(Resource object, Desired desired) {
    return ObjectFields.of(object, desired);
  }

  private Optional<ObjectChange> change(LastApplied applied, Desired desired, Resource object) {
    ObjectKey key = ObjectKey.of(object);
    Optional<String> before = applied.fingerprint(key);
    if (before.isPresent()) {
      return before.get().equals(fingerprints.of(object, desired))
          ? Optional.empty()
          : Optional.of(
              change(Action.UPDATE, key, applied.fields(key), object, desired, Optional.empty()));
    }
    Optional<String> earlier = renamedFrom(applied, desired, object);
    if (earlier.isPresent()) {
      ObjectKey from = ObjectKey.appspace(earlier.get());
      return Optional.of(
          change(Action.UPDATE, key, applied.fields(from), object, desired, earlier));
    }
    return Optional.of(
        change(Action.CREATE, key, new TreeMap<>(), object, desired, Optional.empty()));
  }

  /**
   * Returns the earlier name of a renamed appspace; empty if no appspace of that name is applied,
   * or if it is still declared.
   */
  private static Optional<String> renamedFrom(
      LastApplied applied, Desired desired, Resource object) {
    if (object.kind() != Kind.APPSPACE || !(object instanceof Appspace appspace)) {
      return Optional.empty();
    }
    return appspace
        .renamedFrom()
        .filter(from -> !desired.instance().appspaces().containsKey(from))
        .filter(from -> applied.fingerprint(ObjectKey.appspace(from)).isPresent());
  }

  private static ObjectChange change(
      Action action,
      ObjectKey key,
      SortedMap<String, String> before,
      Resource object,
      Desired desired,
      Optional<String> renamedFrom) {
    SortedMap<String, String> after = ObjectFields.of(object, desired);
    Set<String> paths = new TreeSet<>(before.keySet());
    paths.addAll(after.keySet());
    List<FieldChange> fields = new ArrayList<>();
    for (String path : paths) {
      Optional<String> from = Optional.ofNullable(before.get(path));
      Optional<String> to = Optional.ofNullable(after.get(path));
      if (!from.equals(to)) {
        fields.add(new FieldChange(path, from, to));
      }
    }
    return new ObjectChange(action, key, fields, renamedFrom);
  }
}
