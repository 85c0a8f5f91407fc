package io.dropserver.schema.read;

import io.dropserver.schema.instance.App;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the permissions that an app version declares. */
final class DeclaredPermissions {
  private DeclaredPermissions() {}

  /**
   * Returns the permissions; empty if the manifest is not part of this revision, or has problems.
   *
   * @param manifests by app folder
   */
  static Optional<Set<String>> of(App.AppVersion version, Map<String, ManifestFile> manifests) {
    Optional<App.EntryManifest> added = version.additions().manifest();
    if (added.isPresent()) {
      return Optional.of(added.get().manifest().permissionNames());
    }
    return switch (version.source()) {
      case App.NpmSource npm -> Optional.of(npm.manifest().permissionNames());
      case App.PathSource path when path.commit().isEmpty() ->
          Optional.ofNullable(manifests.get(path.path()))
              .filter(file -> file.manifest().isPresent())
              .map(ManifestFile::permissions);
      case App.PathSource _, App.GitRepositorySource _, App.PackageSource _ -> Optional.empty();
    };
  }
}
