package io.dropserver.schema.read;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.Additions;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.App.PackageSigners;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.App.Source;
import io.dropserver.schema.instance.Location;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads the spec of an App. */
final class AppFields {
  private static final Pattern SSH = Pattern.compile("[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\\s:]+");

  private AppFields() {}

  static App read(String name, Location location, MappingFields spec, ManifestReader manifests) {
    List<AppVersion> versions = new ArrayList<>();
    SortedSet<String> signers = signers(spec);
    Map<String, Location> seen = new HashMap<>();
    for (MappingFields item : spec.list("versions")) {
      String version = item.text("version").orElse("");
      Location at = item.location("version");
      item.requireNew("version", "version", "the first is on line", seen);
      boolean npm = item.fields("source").text("npm").isPresent();
      Additions additions =
          npm ? Additions.NONE : new EntryAdditions(item, name, version).read(manifests);
      boolean invalid = !npm && item.has("manifest") && additions.manifest().isEmpty();
      source(item, version, manifests, signers)
          .filter(_ -> !invalid)
          .ifPresent(source -> versions.add(new AppVersion(version, at, source, additions)));
    }
    return new App(name, location, List.copyOf(versions), FollowFields.read(spec, versions));
  }

  private static Optional<Source> source(
      MappingFields entry, String version, ManifestReader manifests, SortedSet<String> signers) {
    MappingFields mappingFields = entry.fields("source");
    if (mappingFields.text("npm").isPresent()) {
      refuse(mappingFields, "npm", List.of("commit", "subdir", "sha256", "signature"));
      return new NpmEntry(entry, mappingFields, version).source(manifests);
    }
    return ofFiles(mappingFields, signers);
  }

  private static Optional<Source> ofFiles(MappingFields mappingFields, SortedSet<String> signers) {
    if (mappingFields.text("path").isPresent()) {
      refuse(mappingFields, "path", List.of("subdir", "sha256", "signature"));
      String path = folder(mappingFields, "path");
      return Optional.of(
          new PathSource(mappingFields.location("path"), path, mappingFields.text("commit")));
    }
    if (mappingFields.text("git").isPresent()) {
      refuse(mappingFields, "git", List.of("sha256", "signature"));
      require(
          mappingFields,
          "git",
          "commit",
          "a branch or tag can move; pin the commit that you reviewed");
      String subdir = mappingFields.has("subdir") ? folder(mappingFields, "subdir") : ".";
      String url = gitUrl(mappingFields);
      return Optional.of(
          new GitRepositorySource(
              mappingFields.location("git"), url, mappingFields.text("commit").orElse(""), subdir));
    }
    if (mappingFields.text("package").isPresent()) {
      refuse(mappingFields, "package", List.of("commit", "subdir"));
      require(mappingFields, "package", "sha256", "run sha256sum on the file that you reviewed");
      return packageUrl(mappingFields, "package")
          .map(
              url ->
                  new PackageSource(
                      mappingFields.location("package"),
                      url,
                      mappingFields.text("sha256").orElse(""),
                      packageSigners(mappingFields, url, signers)));
    }
    return Optional.empty();
  }

  /** Returns the keys without their comments. */
  private static SortedSet<String> signers(MappingFields spec) {
    SortedSet<String> keys = new TreeSet<>();
    for (String line : spec.texts("signers")) {
      int comment = line.indexOf(' ', line.indexOf(' ') + 1);
      keys.add(comment < 0 ? line : line.substring(0, comment));
    }
    return keys;
  }

  private static Optional<PackageSigners> packageSigners(
      MappingFields source, URI url, SortedSet<String> signers) {
    if (source.has("signature")) {
      if (signers.isEmpty()) {
        source.problem(
            "signature",
            "`signature` has no effect without `signers`",
            "name the accepted keys in spec.signers, or remove it");
      }
      return packageUrl(source, "signature")
          .map(signature -> new PackageSigners(signers, signature));
    }
    return signers.isEmpty()
        ? Optional.empty()
        : Optional.of(new PackageSigners(signers, URI.create(url + ".sig")));
  }

  private static void refuse(MappingFields mappingFields, String main, List<String> others) {
    for (String other : others) {
      if (mappingFields.has(other)) {
        mappingFields.problem(
            other, "`" + other + "` cannot be combined with `" + main + "`", "remove it");
      }
    }
  }

  private static void require(MappingFields mappingFields, String main, String other, String why) {
    if (!mappingFields.has(other)) {
      mappingFields.problem(main, "a source with `" + main + "` lacks `" + other + "`", why);
    }
  }

  /** Returns a relative path that stays inside its root; "." is the root. */
  private static String folder(MappingFields mappingFields, String key) {
    String path = mappingFields.text(key).orElse(".");
    while (path.length() > 1 && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    if (path.startsWith("./") && path.length() > 2) {
      path = path.substring(2);
    }
    boolean root = path.equals(".");
    if (!root && !RelativePaths.isInside(path)) {
      mappingFields.problem(
          key,
          Quoting.quote(path) + " is not a path inside the repository",
          "write it from the root, with / between, without .. and without a leading /");
    } else if (root && key.equals("path")) {
      mappingFields.problem(
          key,
          "the root of the repository cannot be an app",
          "move the app to a folder of its own");
    }
    return path;
  }

  private static String gitUrl(MappingFields mappingFields) {
    String url = mappingFields.text("git").orElse("");
    if (SSH.matcher(url).matches()) {
      return url;
    }
    Optional<URI> uri = mappingFields.uri("git");
    List<String> schemes = List.of("https", "ssh", "file");
    if (uri.isEmpty() || !schemes.contains(String.valueOf(uri.get().getScheme()))) {
      mappingFields.problem(
          "git",
          Quoting.quote(url) + " is not the URL of a Git repository",
          "use https:// or ssh://");
      return url;
    }
    refuseCredentials(mappingFields, "git", uri.get());
    return url;
  }

  private static Optional<URI> packageUrl(MappingFields mappingFields, String key) {
    String url = mappingFields.text(key).orElse("");
    Optional<URI> uri =
        mappingFields.uri(key).filter(u -> "https".equals(u.getScheme()) && u.getHost() != null);
    if (uri.isEmpty()) {
      mappingFields.problem(
          key,
          Quoting.quote(url) + " is not an https URL",
          "a " + key + " is fetched by https, like https://example.org/weather-1.2.0.tar.gz");
      return Optional.empty();
    }
    refuseCredentials(mappingFields, key, uri.get());
    return uri;
  }

  private static void refuseCredentials(MappingFields mappingFields, String key, URI uri) {
    String userInfo = String.valueOf(uri.getRawUserInfo());
    if (userInfo.contains(":")) {
      mappingFields.problem(
          key,
          "a URL in the repository must not contain a password",
          "put credentials into the host's configuration, and change this password");
    }
  }
}
