package io.dropserver.schema.read;

import java.util.Map;

/**
 * Caches the results of reading files, by path. A result is valid while the content is unchanged.
 * Immutable.
 */
public record ReadCache(Map<String, FileContent> files, Map<String, ManifestFile> manifests) {
  static final ReadCache EMPTY = new ReadCache(Map.of(), Map.of());
}
