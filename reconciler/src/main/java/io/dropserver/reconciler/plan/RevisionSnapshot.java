package io.dropserver.reconciler.plan;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Treats a revision as the applied state, so that two revisions can be compared without a state
 * folder.
 */
public record RevisionSnapshot(Map<ObjectKey, SortedMap<String, String>> objects)
    implements LastApplied {

  /** The state before anything was applied. */
  public static final RevisionSnapshot NOTHING = new RevisionSnapshot(Map.of());

  public static RevisionSnapshot of(Desired desired) {
    Map<ObjectKey, SortedMap<String, String>> objects = new HashMap<>();
    desired
        .objects()
        .forEach(object -> objects.put(ObjectKey.of(object), ObjectFields.of(object, desired)));
    return new RevisionSnapshot(objects);
  }

  @Override
  public Set<ObjectKey> keys() {
    return Collections.unmodifiableSet(objects.keySet());
  }

  @Override
  public Optional<String> fingerprint(ObjectKey key) {
    return Optional.ofNullable(objects.get(key)).map(Fingerprints::of);
  }

  @Override
  public SortedMap<String, String> fields(ObjectKey key) {
    return objects.getOrDefault(key, new TreeMap<>());
  }
}
