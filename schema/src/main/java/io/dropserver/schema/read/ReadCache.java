package io.dropserver.schema.read;

import java.util.Map;

/**
 * Caches the results of reading files, by path. A result is valid while the content is unchanged.
 * Immutable.
 */
public final class ReadCache {
  static final ReadCache EMPTY = new ReadCache(Map.of(), Map.of());

  private final Map<String, FileContent> files;
  private final Map<String, ManifestFile> manifests;

  ReadCache(Map<String, FileContent> files, Map<String, ManifestFile> manifests) {
    this.files = files;
    this.manifests = manifests;
  }

  Map<String, FileContent> files() {
    return files;
  }

  Map<String, ManifestFile> manifests() {
    return manifests;
  }
}
