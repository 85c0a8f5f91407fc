package io.dropserver.schema.read;

import io.dropserver.schema.document.JsonTree;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.MappingEntry;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.App.Additions;
import io.dropserver.schema.instance.App.EntryManifest;
import io.dropserver.schema.instance.App.LockFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the manifest and the lock file that an entry of an App adds to a source that has none of
 * its own.
 *
 * @param entry the whole entry, which the source is a part of
 * @param app the name of the App, which is the default of the manifest's name
 */
record EntryAdditions(MappingFields entry, String app, String version) {

  /** Returns the additions that are valid. Problems are reported. */
  Additions read(ManifestReader manifests) {
    Optional<EntryManifest> manifest =
        entry.section("manifest").flatMap(given -> manifest(given, manifests));
    return new Additions(manifest, lock(entry));
  }

  private Optional<EntryManifest> manifest(MappingFields given, ManifestReader manifests) {
    checkVersion(given, version);
    List<MappingEntry> entries = new ArrayList<>();
    if (!given.has("name")) {
      entries.add(NpmEntry.text(given.location(), "name", app));
    }
    entries.add(NpmEntry.text(entry.location("version"), "version", version));
    entry.entries("manifest").stream()
        .filter(field -> !field.key().equals("version"))
        .forEach(entries::add);
    Mapping whole = new Mapping(given.location(), entries);
    ManifestReader.ManifestResult result = manifests.read(whole, List.of());
    result.problems().forEach(entry::problem);
    return result
        .manifest()
        .map(read -> new EntryManifest(entry.location("manifest"), read, JsonTree.text(whole)));
  }

  /** Reports a version in the manifest that differs from the one of the entry. */
  static void checkVersion(MappingFields manifest, String version) {
    manifest
        .text("version")
        .filter(other -> !other.equals(version))
        .ifPresent(
            _ ->
                manifest.problem(
                    "version",
                    "the version is " + Quoting.quote(version) + " in the entry",
                    "remove it from the manifest"));
  }

  /** Returns the lock file that an entry names; empty if it names none, or none that is valid. */
  static Optional<LockFile> lock(MappingFields entry) {
    Optional<String> written = entry.text("lock");
    if (written.isEmpty()) {
      return Optional.empty();
    }
    String path = RelativePaths.clean(written.get());
    if (!RelativePaths.isInside(path)) {
      entry.problem(
          "lock",
          Quoting.quote(path) + " is not a path below the folder of this document",
          "write it from that folder, with / between, without .. and without a leading /");
      return Optional.empty();
    }
    if (RelativePaths.entersGit(path)) {
      entry.problem(
          entry.location("lock"),
          Quoting.quote(path) + " is in a folder of Git",
          "name a file in another folder");
      return Optional.empty();
    }
    String document = entry.location().file();
    String folder = document.substring(0, document.lastIndexOf('/') + 1);
    return Optional.of(new LockFile(entry.location("lock"), folder + path));
  }
}
