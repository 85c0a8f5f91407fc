package io.dropserver.schema.read;

import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Problem;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The result of reading the manifest of one app.
 *
 * @param id identifies the content
 * @param permissions the permissions that the manifest declares, computed once because every
 *     appspace of the app needs them
 */
record ManifestFile(
    String id,
    Optional<DropappManifest> manifest,
    Set<String> permissions,
    List<Problem> problems) {

  static ManifestFile of(String id, Optional<DropappManifest> manifest, List<Problem> problems) {
    Set<String> permissions = manifest.map(DropappManifest::permissionNames).orElse(Set.of());
    return new ManifestFile(id, manifest, permissions, problems);
  }
}
