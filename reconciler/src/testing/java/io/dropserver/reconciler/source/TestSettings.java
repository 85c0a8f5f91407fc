package io.dropserver.reconciler.source;

import java.nio.file.Path;
import java.util.List;

/** Settings of repositories for tests. */
public final class TestSettings {
  private TestSettings() {}

  /** Returns the settings of a repository that needs no credentials and no signatures. */
  public static GitSettings of(String url, String branch, Path repository) {
    return of(url, branch, RemoteAccess.anonymous(), repository);
  }

  static GitSettings of(String url, String branch, RemoteAccess access, Path repository) {
    return new GitSettings(url, branch, List.of(), access, new Verification.Off(), repository);
  }

  public static GitSettings withVerification(GitSettings settings, Verification verification) {
    return new GitSettings(
        settings.url(),
        settings.branch(),
        settings.paths(),
        settings.access(),
        verification,
        settings.repository());
  }

  static GitSettings withPaths(GitSettings settings, List<String> paths) {
    return new GitSettings(
        settings.url(),
        settings.branch(),
        paths,
        settings.access(),
        settings.verification(),
        settings.repository());
  }
}
