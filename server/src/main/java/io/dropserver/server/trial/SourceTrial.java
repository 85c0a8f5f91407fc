package io.dropserver.server.trial;

import static io.dropserver.state.condition.AppReason.FETCH_FAILED;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.reconciler.source.AppSources;
import io.dropserver.reconciler.source.UndeclaredSources;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.sandbox.app.AppResolver;
import io.dropserver.sandbox.app.FetchedSource;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.app.NpmResolver.Resolved;
import io.dropserver.sandbox.app.SupplementedFiles;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.instance.App.Additions;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.App.Source;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Location;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Fetches, locks and installs an app from a Git repository or a package in a temporary folder, in
 * the same sandboxes and with the same checks as a server, but without a running server. What is
 * fetched once is locked, tried and declared, even if the source changes meanwhile.
 *
 * @param settings without {@code cgroupParent}, the layer of cgroups is not used
 * @param install the installation folder of this program
 * @param open local folders that may contain Git repositories
 */
public record SourceTrial(
    SandboxSettings settings, Path install, List<Path> open, InstallProgress progress) {
  private static final Location UNDECLARED = Location.ofFile("dropserver app add");
  private static final int SHA256_PREFIX = "sha256-".length();

  /** A source as a person names it. */
  public sealed interface Origin {}

  /**
   * @param revision a branch, a tag, or a commit ID
   * @param subdir folder inside the repository; "." is its root
   */
  public record GitOrigin(String url, String revision, String subdir) implements Origin {}

  public record PackageOrigin(URI url) implements Origin {}

  /**
   * A source that was fetched.
   *
   * @param source with the commit or the checksum of what was fetched
   * @param manifest the source's own manifest; empty if it has none
   */
  public record Fetched(Source source, Optional<DropappManifest> manifest) {}

  /** Decides which version of an App the fetched source becomes. */
  @FunctionalInterface
  public interface Declaration {
    /** Returns the version; its lock is ignored. Stops the trial by an exception. */
    AppVersion of(Fetched fetched) throws IOException;
  }

  /**
   * The result of a successful trial.
   *
   * @param lock the text of the lock file that the entry needs; empty if it needs none
   * @param packages the number of packages in that lock
   * @param bytes of the app, the installed packages and caches
   */
  public record Outcome(
      Fetched fetched, DropappManifest manifest, Optional<String> lock, int packages, long bytes) {}

  /**
   * Blocks until the app is installed, has answered a request without network and data, and the
   * temporary folder is deleted again. A signal that ends this program interrupts the calling
   * thread, ends the sandboxes and deletes the folder.
   *
   * @param app the name of the App in messages
   * @throws SandboxException with a reason of {@link io.dropserver.state.condition.AppReason}, or
   *     when a layer of isolation is missing that the settings do not permit to be missing
   */
  public Outcome run(Origin origin, String app, Declaration declaration) throws IOException {
    return SandboxTrial.run(
        settings,
        install,
        true,
        trial -> {
          trial.requireIsolation();
          Path fetchFolder = trial.folder().resolve("fetched");
          FetchedSource found = fetch(origin, fetchFolder, trial.module().trusted());
          Fetched fetched = new Fetched(source(origin, found.files()), found.manifest());
          AppVersion version = declaration.of(fetched);
          return install(app, found, fetched, version, trial);
        });
  }

  private FetchedSource fetch(Origin origin, Path folder, TrustedAuthorities trusted) {
    try {
      return switch (origin) {
        case PackageOrigin(URI url) -> FetchedSource.ofPackage(url, folder, trusted);
        case GitOrigin(String url, String revision, String subdir) -> {
          Path cache = folder.resolveSibling("git");
          var sources = new UndeclaredSources(cache, open, InstantSource.system());
          String commit = sources.commit(url, revision);
          AppFiles files = sources.files(new GitRepositorySource(UNDECLARED, url, commit, subdir));
          yield FetchedSource.of(new Commit(files, commit), folder);
        }
      };
    } catch (IOException e) {
      throw new SandboxException(FETCH_FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  /** Files whose content id is their commit alone. */
  private record Commit(AppFiles files, String contentId) implements AppFiles {
    @Override
    public void copyTo(Sink sink) throws IOException {
      files.copyTo(sink);
    }
  }

  private static Source source(Origin origin, AppFiles files) {
    return switch (origin) {
      case PackageOrigin(URI url) ->
          new PackageSource(
              UNDECLARED, url, files.contentId().substring(SHA256_PREFIX), Optional.empty());
      case GitOrigin(String url, String _, String subdir) ->
          new GitRepositorySource(UNDECLARED, url, files.contentId(), subdir);
    };
  }

  private Outcome install(
      String app, FetchedSource found, Fetched fetched, AppVersion version, SandboxTrial trial)
      throws IOException {
    Optional<Resolved> lock = Optional.empty();
    if (!found.locked()) {
      lock =
          new AppResolver(trial.installSettings())
              .resolve(supplemented(found.files(), version, Optional.empty()), trial.folder());
    }
    AppFiles files = supplemented(found.files(), version, lock);
    InstalledApp installed = trial.store().install(app, version.version(), files, progress);
    return new Outcome(
        fetched,
        installed.manifest(),
        lock.map(Resolved::lock),
        lock.map(Resolved::packages).orElse(0),
        SandboxTrial.size(installed.files()) + SandboxTrial.size(installed.denoDir()));
  }

  private static AppFiles supplemented(
      AppFiles files, AppVersion version, Optional<Resolved> resolved) {
    Additions additions =
        new Additions(
            version.additions().manifest(),
            resolved.map(_ -> new LockFile(UNDECLARED, "deno.lock")));
    AppVersion whole =
        new AppVersion(version.version(), version.location(), version.source(), additions);
    return new SupplementedFiles(files, whole, resolved.map(it -> AppSources.newLock(it.lock())));
  }
}
