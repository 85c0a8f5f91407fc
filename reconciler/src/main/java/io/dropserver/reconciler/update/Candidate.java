package io.dropserver.reconciler.update;

import io.dropserver.schema.instance.SemanticVersion;
import java.util.Map;
import java.util.Optional;

/**
 * A published version that an App does not declare yet.
 *
 * @param texts the texts of its entry that differ from those of the newest declared version, by
 *     their path, such as {@code source.commit}
 * @param changelog written by the publisher, and not yet safe to show
 */
record Candidate(SemanticVersion version, Map<String, String> texts, Optional<String> changelog) {
  Candidate {
    texts = Map.copyOf(texts);
  }
}
