package io.dropserver.schema.read;

import io.dropserver.schema.document.JsonTree;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.MappingEntry;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.ScalarType;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.App.Source;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.NpmProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads an entry of an App whose source is a package of the npm registry. Such a source has no
 * files of its own: the manifest is part of the entry, and the lock file is beside the document.
 *
 * @param entry the whole entry, which the source is a part of
 * @param fields of the source
 */
record NpmEntry(MappingFields entry, MappingFields fields, String version) {
  private static final int MAX_NAME = 100;
  private static final String NUMBER = "(?:0|[1-9][0-9]{0,15})";

  /** A version of Semantic Versioning. Registries ignore build metadata, so it is not permitted. */
  private static final Pattern EXACT =
      Pattern.compile(
          NUMBER + "\\." + NUMBER + "\\." + NUMBER + "(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?");

  /** Returns whether a text names exactly one version of a package. */
  static boolean isExact(String version) {
    return EXACT.matcher(version).matches();
  }

  /** Returns the source; empty if it has problems, which are reported. */
  Optional<Source> source(ManifestReader manifests) {
    String name = fields.text("npm").orElse("");
    if (!version.isEmpty() && !isExact(version)) {
      entry.problem(
          "version",
          Quoting.quote(version) + " is not the exact version of a package",
          "write all three numbers, as in 5.4.1; a range or a tag would move");
    }
    if (!isExact(version) || !NpmProgram.isPackageName(name)) {
      return Optional.empty();
    }
    checkManifest(name);
    Mapping manifest = manifest(name);
    ManifestReader.ManifestResult result = manifests.read(manifest, List.of());
    result.problems().forEach(entry::problem);
    Optional<LockFile> lock = EntryAdditions.lock(entry);
    return result
        .manifest()
        .map(
            read ->
                new NpmSource(fields.location("npm"), name, read, JsonTree.text(manifest), lock));
  }

  private void checkManifest(String name) {
    MappingFields manifest = entry.fields("manifest");
    EntryAdditions.checkVersion(manifest, version);
    for (String key : ManifestReader.PATHS) {
      if (manifest.has(key)) {
        manifest.problem(
            key,
            "`" + key + "` names a file, and a source with `npm` has no files of its own",
            "remove it, or use a source with `path`");
      }
    }
    String entrypoint = manifest.text("entrypoint").orElse("");
    if (!entrypoint.isEmpty() && program(name, entrypoint).isEmpty()) {
      manifest.problem(
          "entrypoint",
          Quoting.quote(entrypoint) + " is not a program of the package " + Quoting.quote(name),
          "write npm:" + name + "/PROGRAM, or leave entrypoint out");
    }
  }

  private Optional<NpmProgram> program(String name, String entrypoint) {
    return NpmProgram.parse(entrypoint)
        .filter(named -> named.name().equals(name))
        .filter(named -> named.range().isEmpty() || named.range().get().equals(version));
  }

  /** Returns the manifest of the entry, with what the source determines. */
  private Mapping manifest(String name) {
    Location location = fields.location("npm");
    MappingFields given = entry.fields("manifest");
    Location program = given.has("entrypoint") ? given.location("entrypoint") : location;
    String bin =
        given
            .text("entrypoint")
            .flatMap(entrypoint -> program(name, entrypoint))
            .flatMap(NpmProgram::bin)
            .map(word -> "/" + word)
            .orElse("");
    List<MappingEntry> entries = new ArrayList<>();
    if (!given.has("name")) {
      entries.add(text(location, "name", displayName(name)));
    }
    entries.add(text(entry.location("version"), "version", version));
    entries.add(text(program, "entrypoint", NpmProgram.PREFIX + name + "@" + version + bin));
    entry.entries("manifest").stream()
        .filter(field -> !field.key().equals("version") && !field.key().equals("entrypoint"))
        .forEach(entries::add);
    return new Mapping(given.location(), entries);
  }

  private static String displayName(String name) {
    String unscoped = name.substring(name.indexOf('/') + 1);
    return unscoped.length() > MAX_NAME ? unscoped.substring(0, MAX_NAME) : unscoped;
  }

  static MappingEntry text(Location location, String key, String value) {
    return new MappingEntry(location, key, new Scalar(location, value, ScalarType.TEXT));
  }
}
