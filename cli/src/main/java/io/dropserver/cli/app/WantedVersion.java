package io.dropserver.cli.app;

import io.dropserver.reconciler.edit.AppEditor.NewVersion;
import io.dropserver.reconciler.edit.AppEditor.SourceField;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.App.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A version that is to be declared in an App document.
 *
 * @param text the source as the person wrote it
 * @param appName of a new App
 * @param source the fields of the entry's source
 * @param locked whether the entry names a lock file
 * @param entrypoint of the entry's manifest
 * @param args of the entry's manifest
 */
record WantedVersion(
    String text,
    String version,
    String appName,
    List<SourceField> source,
    boolean locked,
    Optional<String> entrypoint,
    List<String> args) {

  static WantedVersion npm(PackageSpec spec, List<String> args) {
    return new WantedVersion(
        spec.toString(),
        spec.version(),
        spec.appName(),
        List.of(new SourceField("npm", spec.name())),
        true,
        Optional.empty(),
        args);
  }

  /** Returns the fields of a source that is not from npm. */
  static List<SourceField> fields(Source source) {
    List<SourceField> fields = new ArrayList<>();
    switch (source) {
      case GitRepositorySource git -> {
        fields.add(new SourceField("git", git.url()));
        fields.add(new SourceField("commit", git.commit()));
        if (!git.subdir().equals(".")) {
          fields.add(new SourceField("subdir", git.subdir()));
        }
      }
      case PackageSource archive -> {
        fields.add(new SourceField("package", archive.url().toString()));
        fields.add(new SourceField("sha256", archive.sha256()));
      }
      case NpmSource npm -> fields.add(new SourceField("npm", npm.name()));
      case PathSource folder -> fields.add(new SourceField("path", folder.path()));
    }
    return List.copyOf(fields);
  }

  /** Returns whether a declared source is exactly the wanted one, whatever its version. */
  boolean isFrom(Source declared) {
    return fields(declared).equals(source);
  }

  /**
   * Returns whether versions of a declared source and the wanted one have the same origin: a
   * package of npm or a Git repository. The URL of a package differs in each version.
   */
  boolean hasOriginOf(Source declared) {
    return fields(declared).getFirst().equals(source.getFirst());
  }

  NewVersion entry(String lock) {
    return new NewVersion(
        version, source, locked ? Optional.of(lock) : Optional.empty(), entrypoint, args);
  }

  @Override
  public String toString() {
    return text;
  }
}
