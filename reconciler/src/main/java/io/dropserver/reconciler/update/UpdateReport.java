package io.dropserver.reconciler.update;

import io.dropserver.reconciler.converge.VersionChange;
import io.dropserver.reconciler.update.UpdateEdit.Change;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.app.PackageContents;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.DropappManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What people learn about a version that passed its trial. Texts come from the app and are not yet
 * safe to show.
 *
 * @param origin of the files, such as {@code npm:wiki@1.1.0}
 * @param asks what the version newly asks for
 * @param migration whether a migration program will run
 * @param passed the result of the trial
 * @param difference of the files, if the earlier version is installed
 */
record UpdateReport(
    String app,
    String from,
    String to,
    String origin,
    NewAsks asks,
    boolean migration,
    CandidateTrial.Passed passed,
    Optional<String> changelog,
    Optional<FolderComparison> difference,
    Change change) {
  private static final List<String> CHANGELOGS =
      List.of("CHANGELOG.md", "changelog.md", "CHANGELOG", "CHANGES.md");

  /**
   * @param before the earlier version, if it is installed
   */
  static UpdateReport of(
      String app,
      AppVersion from,
      Optional<InstalledApp> before,
      Candidate candidate,
      CandidateTrial.Passed passed,
      Change change)
      throws IOException {
    Optional<DropappManifest> earlier =
        from.source() instanceof NpmSource npm
            ? Optional.of(npm.manifest())
            : before.map(InstalledApp::manifest);
    DropappManifest after =
        change.entry().source() instanceof NpmSource npm ? npm.manifest() : passed.app().manifest();
    VersionChange data = VersionChange.between(earlier, from.version(), after);
    Optional<FolderComparison> difference = Optional.empty();
    if (before.isPresent()) {
      difference =
          Optional.of(
              FolderComparison.of(
                  PackageContents.folder(before.get()), PackageContents.folder(passed.app())));
    }
    return new UpdateReport(
        app,
        from.version(),
        candidate.version().toString(),
        origin(change.entry()),
        NewAsks.between(earlier, after),
        data != VersionChange.SWITCH,
        passed,
        candidate.changelog().or(() -> changelog(passed.app())),
        difference,
        change);
  }

  private static Optional<String> changelog(InstalledApp app) {
    for (String name : CHANGELOGS) {
      try {
        Optional<byte[]> found = PackageContents.read(app, name, PublishedJson.MAX_CHANGELOG);
        if (found.isPresent()) {
          return found.map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
      } catch (IOException unreadable) {
        // The text is a help only.
      }
    }
    return Optional.empty();
  }

  private static String origin(AppVersion entry) {
    return switch (entry.source()) {
      case NpmSource npm -> npm.specifier();
      case io.dropserver.schema.instance.App.GitRepositorySource git ->
          "git " + git.url() + " at " + git.commit();
      case io.dropserver.schema.instance.App.PackageSource archive -> archive.url().toString();
      case io.dropserver.schema.instance.App.PathSource folder -> folder.path();
    };
  }
}
