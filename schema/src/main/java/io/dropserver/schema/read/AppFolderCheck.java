package io.dropserver.schema.read;

import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.EntryManifest;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Validates the versions of apps that are folders of the same revision.
 *
 * @param manifests by folder
 * @param appFiles the paths of all files in such folders
 * @param problems receives what is found
 */
record AppFolderCheck(
    Map<String, ManifestFile> manifests, Set<String> appFiles, List<Problem> problems) {
  private static final String LOCK = "/deno.lock";
  private static final String FROM_ROOT = "write the path from the root of the repository";

  void check(App.AppVersion appVersion, PathSource source) {
    if (appVersion.additions().lock().isPresent() && appFiles.contains(source.path() + LOCK)) {
      report(
          appVersion.additions().lock().get().location(),
          "the folder " + Quoting.quote(source.path()) + " has a deno.lock of its own",
          "remove `lock` from the entry, or the file");
    }
    if (appVersion.additions().manifest().isPresent()) {
      checkAdded(appVersion.additions().manifest().get(), source);
    } else {
      checkManifest(appVersion, source);
    }
  }

  private void checkAdded(EntryManifest added, PathSource source) {
    if (appFiles.contains(source.path() + "/" + ManifestReader.FILE_NAME)) {
      report(
          added.location(),
          "the folder " + Quoting.quote(source.path()) + " has a dropapp.json of its own",
          "remove `manifest` from the entry, or the file");
    } else if (appFiles.stream().noneMatch(file -> file.startsWith(source.path() + "/"))) {
      report(
          source.location(),
          "the folder " + Quoting.quote(source.path()) + " does not exist",
          FROM_ROOT);
    } else {
      checkFiles(added.manifest(), source, added.location());
    }
  }

  private void checkManifest(App.AppVersion appVersion, PathSource source) {
    ManifestFile manifestFile = manifests.get(source.path());
    if (manifestFile == null) {
      boolean folder = appFiles.stream().anyMatch(file -> file.startsWith(source.path() + "/"));
      report(
          source.location(),
          folder
              ? "the folder " + Quoting.quote(source.path()) + " has no dropapp.json"
              : "the folder " + Quoting.quote(source.path()) + " does not exist",
          FROM_ROOT);
      return;
    }
    if (manifestFile.manifest().isEmpty()) {
      return;
    }
    DropappManifest dropappManifest = manifestFile.manifest().get();
    if (!dropappManifest.version().equals(appVersion.version())) {
      report(
          appVersion.location(),
          "the version is "
              + Quoting.quote(appVersion.version())
              + " here and "
              + Quoting.quote(dropappManifest.version())
              + " in "
              + source.path()
              + "/dropapp.json",
          "make them equal");
    }
    checkFiles(
        dropappManifest, source, Location.ofFile(source.path() + "/" + ManifestReader.FILE_NAME));
  }

  private void checkFiles(DropappManifest dropappManifest, PathSource source, Location at) {
    if (dropappManifest.npmProgram().isEmpty()) {
      checkFile(source, at, "entrypoint", Optional.of(dropappManifest.entrypoint()));
    }
    checkFile(source, at, "migrate", dropappManifest.migrate());
    checkFile(source, at, "icon", dropappManifest.icon());
  }

  private void checkFile(PathSource source, Location at, String key, Optional<String> path) {
    if (path.isPresent() && !appFiles.contains(source.path() + "/" + path.get())) {
      report(
          at,
          "the " + key + " " + Quoting.quote(path.get()) + " is not in the app's folder",
          "commit the file, or correct the path");
    }
  }

  private void report(Location location, String message, String hint) {
    problems.add(Problem.at(location, message, hint));
  }
}
