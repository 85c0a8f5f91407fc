package io.dropserver.schema.instance;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Kind {@code App}: the versions of an app that the appspaces of this instance may use. */
public record App(String name, Location location, List<AppVersion> versions) implements Resource {

  @Override
  public Kind kind() {
    return Kind.APP;
  }

  public Optional<AppVersion> version(String version) {
    return versions.stream().filter(v -> v.version().equals(version)).findFirst();
  }

  /** The version string equals the one in the app's manifest. */
  public record AppVersion(String version, Location location, Source source) {}

  /** The origin of a version's files. */
  public sealed interface Source {
    Location location();
  }

  /**
   * A folder of the instance repository.
   *
   * @param commit pins an older tree, as 40 hex digits; empty means the served revision
   */
  public record PathSource(Location location, String path, Optional<String> commit)
      implements Source {}

  /**
   * A folder of another Git repository.
   *
   * @param commit 40 hex digits
   * @param subdir folder inside that repository; "." is its root
   */
  public record GitRepositorySource(Location location, String url, String commit, String subdir)
      implements Source {}

  /**
   * A Dropserver package, a .tar.gz file.
   *
   * @param sha256 digest of the file, as 64 hex digits
   */
  public record PackageSource(Location location, URI url, String sha256) implements Source {}
}
