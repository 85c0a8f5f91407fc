package io.dropserver.schema.instance;

import io.dropserver.base.text.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Kind {@code App}: the versions of an app that the appspaces of this instance may use.
 *
 * @param follow which new versions are offered; empty if none are
 */
public record App(
    String name, Location location, List<AppVersion> versions, Optional<Follow> follow)
    implements Resource {

  @Override
  public Kind kind() {
    return Kind.APP;
  }

  public Optional<AppVersion> version(String version) {
    return versions.stream().filter(v -> v.version().equals(version)).findFirst();
  }

  /** Returns the highest version; empty if none is a version of Semantic Versioning. */
  public Optional<AppVersion> newest() {
    return newest(versions);
  }

  /** Returns the highest of these versions. */
  public static Optional<AppVersion> newest(List<AppVersion> versions) {
    return versions.stream()
        .filter(each -> SemanticVersion.parse(each.version()).isPresent())
        .max(Comparator.comparing(each -> SemanticVersion.parse(each.version()).orElseThrow()));
  }

  /**
   * A version of an app. The version string equals the one in the app's manifest.
   *
   * @param additions what the entry adds to the files of its source; none for {@link NpmSource},
   *     which contains its manifest and lock
   */
  public record AppVersion(String version, Location location, Source source, Additions additions) {
    public AppVersion(String version, Location location, Source source) {
      this(version, location, source, Additions.NONE);
    }
  }

  /**
   * Files that an entry declares because its source has none of them: a manifest and a lock file.
   * If the source has the same file, nothing is installed.
   */
  public record Additions(Optional<EntryManifest> manifest, Optional<LockFile> lock) {
    public static final Additions NONE = new Additions(Optional.empty(), Optional.empty());
  }

  /**
   * A manifest in an entry, instead of a file {@code dropapp.json}.
   *
   * @param json the text of the same manifest, with the version of the entry
   */
  public record EntryManifest(Location location, DropappManifest manifest, String json) {}

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
   * @param signers who must have signed the file; empty if no signature is required
   */
  public record PackageSource(
      Location location, URI url, String sha256, Optional<PackageSigners> signers)
      implements Source {

    /**
     * Identifies the file and the accepted keys, so that a version that was installed without a
     * signature is installed again as soon as one is required.
     */
    public String contentId() {
      return "sha256-" + sha256 + signers.map(PackageSigners::suffix).orElse("");
    }
  }

  /**
   * The SSH keys of which one must have signed a package.
   *
   * @param keys as in a {@code .pub} file, without comments: type, blank, Base64
   * @param signature URL of the signature
   */
  public record PackageSigners(SortedSet<String> keys, URI signature) {
    private static final int SUFFIX_DIGITS = 32;

    private String suffix() {
      byte[] text = String.join("\n", keys).getBytes(StandardCharsets.UTF_8);
      String digest = HexFormat.of().formatHex(Sha256.newDigest().digest(text));
      return "-" + digest.substring(0, SUFFIX_DIGITS);
    }
  }

  /**
   * A package of the npm registry. Its version is the version of the entry.
   *
   * @param name with its scope
   * @param manifest with the entry's version and a program of this package as its entrypoint
   * @param manifestJson the text of the same manifest
   * @param lock the lock file of the package and its dependencies; without it, nothing is installed
   */
  public record NpmSource(
      Location location,
      String name,
      DropappManifest manifest,
      String manifestJson,
      Optional<LockFile> lock)
      implements Source {

    /** Returns the specifier of exactly this version, such as {@code npm:tiddlywiki@5.4.1}. */
    public String specifier() {
      return NpmProgram.PREFIX + name + "@" + manifest.version();
    }
  }

  /**
   * A lock file in the instance repository.
   *
   * @param path from the root of the repository
   */
  public record LockFile(Location location, String path) {
    /** The maximum size of a lock file. Those of real programs are smaller. */
    public static final int MAX_BYTES = 8 << 20;
  }
}
