package io.dropserver.reconciler.plan;

import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** The last applied state, by object. */
public interface LastApplied {

  /** Returns the keys of all applied objects. */
  Set<ObjectKey> keys();

  /** Returns the fingerprint of the applied object. Equal fingerprints mean equal fields. */
  Optional<String> fingerprint(ObjectKey key);

  /**
   * Returns the fields of the applied object. The planner calls this only if fingerprints differ.
   */
  SortedMap<String, String> fields(ObjectKey key);
}
