package io.dropserver.reconciler.plan;

import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** What was last applied, by object. */
public interface Observed {

  /** Nothing was ever applied. */
  Observed NOTHING =
      new Observed() {
        @Override
        public Set<ObjectKey> keys() {
          return Set.of();
        }

        @Override
        public Optional<String> fingerprint(ObjectKey key) {
          return Optional.empty();
        }

        @Override
        public SortedMap<String, String> fields(ObjectKey key) {
          return java.util.Collections.emptySortedMap();
        }
      };

  /** Every object of which something was applied. */
  Set<ObjectKey> keys();

  /** Equal fingerprints mean equal fields. */
  Optional<String> fingerprint(ObjectKey key);

  /** Asked for only where fingerprints differ. */
  SortedMap<String, String> fields(ObjectKey key);
}
