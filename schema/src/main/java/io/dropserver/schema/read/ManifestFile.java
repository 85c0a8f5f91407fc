package io.dropserver.schema.read;

import io.dropserver.schema.instance.Manifest;
import io.dropserver.schema.instance.Problem;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * @param id of the content
 * @param permissions that the manifest declares; kept, as every appspace of the app asks for them
 */
record ManifestFile(
    String id, Optional<Manifest> manifest, Set<String> permissions, List<Problem> problems) {

  static ManifestFile of(String id, Optional<Manifest> manifest, List<Problem> problems) {
    Set<String> permissions = manifest.map(Manifest::permissionNames).orElse(Set.of());
    return new ManifestFile(id, manifest, permissions, problems);
  }
}
