package io.dropserver.schema.read;

import io.dropserver.schema.document.Fields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.GitSource;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.App.Source;
import io.dropserver.schema.instance.App.Version;
import io.dropserver.schema.instance.Location;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the spec of an App. */
final class AppFields {
  private static final Pattern SSH = Pattern.compile("[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\\s:]+");

  private AppFields() {}

  static App read(String name, Location location, Fields spec) {
    List<Version> versions = new ArrayList<>();
    Map<String, Location> seen = new HashMap<>();
    for (Fields item : spec.list("versions")) {
      String version = item.text("version").orElse("");
      Location at = item.location("version");
      Location first = version.isEmpty() ? null : seen.putIfAbsent(version, at);
      if (first != null) {
        item.problem(
            at,
            "the version " + Quoting.quote(version) + " stands twice",
            "it is already on line " + first.line());
      }
      source(item.fields("source"))
          .ifPresent(source -> versions.add(new Version(version, at, source)));
    }
    return new App(name, location, List.copyOf(versions));
  }

  private static Optional<Source> source(Fields fields) {
    if (fields.text("path").isPresent()) {
      refuse(fields, "path", List.of("subdir", "sha256"));
      String path = folder(fields, "path");
      return Optional.of(new PathSource(fields.location("path"), path, fields.text("commit")));
    }
    if (fields.text("git").isPresent()) {
      refuse(fields, "git", List.of("sha256"));
      require(fields, "git", "commit", "a branch or tag can move; pin what you have looked at");
      String subdir = fields.has("subdir") ? folder(fields, "subdir") : ".";
      String url = gitUrl(fields);
      return Optional.of(
          new GitSource(fields.location("git"), url, fields.text("commit").orElse(""), subdir));
    }
    if (fields.text("package").isPresent()) {
      refuse(fields, "package", List.of("commit", "subdir"));
      require(fields, "package", "sha256", "run sha256sum on the file you have looked at");
      return packageUrl(fields)
          .map(
              url ->
                  new PackageSource(
                      fields.location("package"), url, fields.text("sha256").orElse("")));
    }
    return Optional.empty();
  }

  private static void refuse(Fields fields, String main, List<String> others) {
    for (String other : others) {
      if (fields.has(other)) {
        fields.problem(
            fields.location(other), "`" + other + "` does not go with `" + main + "`", "remove it");
      }
    }
  }

  private static void require(Fields fields, String main, String other, String why) {
    if (!fields.has(other)) {
      fields.problem(
          fields.location(main), "a source with `" + main + "` lacks `" + other + "`", why);
    }
  }

  /** Returns a relative path that stays inside its root; "." is the root. */
  private static String folder(Fields fields, String key) {
    String path = fields.text(key).orElse(".");
    while (path.length() > 1 && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    if (path.startsWith("./") && path.length() > 2) {
      path = path.substring(2);
    }
    boolean root = path.equals(".");
    if (!root && !Paths.isInside(path)) {
      fields.problem(
          fields.location(key),
          Quoting.quote(path) + " is no path inside the repository",
          "write it from the root, with / between, without .. and without a leading /");
    } else if (root && key.equals("path")) {
      fields.problem(
          fields.location(key),
          "the root of the repository cannot be an app",
          "move the app to a folder of its own");
    }
    return path;
  }

  private static String gitUrl(Fields fields) {
    String url = fields.text("git").orElse("");
    if (SSH.matcher(url).matches()) {
      return url;
    }
    Optional<URI> uri = uri(url);
    List<String> schemes = List.of("https", "ssh", "file");
    if (uri.isEmpty() || !schemes.contains(String.valueOf(uri.get().getScheme()))) {
      fields.problem(
          fields.location("git"),
          Quoting.quote(url) + " is no URL of a Git repository",
          "use https:// or ssh://");
      return url;
    }
    refuseCredentials(fields, "git", uri.get());
    return url;
  }

  private static Optional<URI> packageUrl(Fields fields) {
    String url = fields.text("package").orElse("");
    Optional<URI> uri = uri(url).filter(u -> "https".equals(u.getScheme()) && u.getHost() != null);
    if (uri.isEmpty()) {
      fields.problem(
          fields.location("package"),
          Quoting.quote(url) + " is no https URL",
          "a package is fetched by https, like https://example.org/weather-1.2.0.tar.gz");
      return Optional.empty();
    }
    refuseCredentials(fields, "package", uri.get());
    return uri;
  }

  private static void refuseCredentials(Fields fields, String key, URI uri) {
    String userInfo = String.valueOf(uri.getRawUserInfo());
    if (userInfo.contains(":")) {
      fields.problem(
          fields.location(key),
          "a URL in the repository must not hold a password",
          "put credentials into the host's configuration, and change this password");
    }
  }

  private static Optional<URI> uri(String text) {
    try {
      return Optional.of(new URI(text));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
