package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.FETCH_FAILED;
import static io.dropserver.state.condition.AppReason.INSTALL_FAILED;
import static io.dropserver.state.condition.AppReason.MANIFEST_INVALID;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallProgress.Step;
import io.dropserver.sandbox.app.Preparation.Prepared;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.state.DiskSpace;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;

/**
 * Stores the complete app versions of this machine by content id. {@code
 * <folder>/<contentId>/<toolchain>/} appears by a single rename of a finished, flushed folder, so a
 * crash at any time leaves either the whole version or nothing. Thread-safe, but only one process
 * may use a store at a time.
 */
public final class AppStore {
  private static final Pattern CONTENT_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{7,127}");

  /** The minimum free space above the disk's reserve with which an installation starts. */
  private static final long MIN_FREE_BYTES = 32L << 20;

  private final StoreFolder folder;
  private final AppManifest manifests = new AppManifest();
  private final Preparation preparation;
  private final PackageDownload download;
  private final AppSizeLimits bounds;
  private final InstantSource clock;

  /** Keyed by content id. A second installation of the same content waits for the first. */
  private final ConcurrentHashMap<String, CompletableFuture<Complete>> installations =
      new ConcurrentHashMap<>();

  /**
   * Held while an installation with low priority is prepared. The others wait here and not for a
   * slot of {@link InstallSandbox}.
   */
  private final Semaphore lowPriority = new Semaphore(1, true);

  /** An installed content, without the properties that come from the App document. */
  private record Complete(InstallFolder parts, DropappManifest manifest, Prepared prepared) {}

  /**
   * Opens the store and removes unfinished installations of an earlier process.
   *
   * @param folder is created; every parent folder must be searchable by other users (mode 0711)
   */
  public static AppStore open(Path folder, InstallSettings settings, InstantSource clock) {
    return open(folder, settings, InstallRunLimits.DEFAULT, clock);
  }

  static AppStore open(
      Path folder, InstallSettings settings, InstallRunLimits limits, InstantSource clock) {
    InstallSandbox sandbox = new InstallSandbox(settings, limits);
    var preparation =
        new DenoPreparation(
            sandbox,
            new Registries(sandbox, settings),
            settings.runtimeFolder(),
            toolchain(settings));
    return new AppStore(
        folder, preparation, PackageDownload.of(settings.trusted()), AppSizeLimits.DEFAULT, clock);
  }

  private static String toolchain(InstallSettings settings) {
    try {
      return Toolchain.of(settings.denoVersion(), settings.runtimeFolder());
    } catch (IOException e) {
      throw new SandboxException(
          INSTALL_FAILED,
          "The in-sandbox runtime in " + settings.runtimeFolder() + " cannot be read: " + e + ".",
          e);
    }
  }

  /** Creates a store that trusts the platform's authorities. */
  AppStore(Path folder, Preparation preparation, AppSizeLimits bounds, InstantSource clock) {
    this(folder, preparation, PackageDownload.of(TrustedAuthorities.platformOnly()), bounds, clock);
  }

  /** Removes unfinished installations of an earlier process. */
  AppStore(
      Path folder,
      Preparation preparation,
      PackageDownload download,
      AppSizeLimits bounds,
      InstantSource clock) {
    this.preparation = preparation;
    this.download = download;
    this.bounds = bounds;
    this.clock = clock;
    try {
      this.folder = StoreFolder.open(folder, preparation.toolchain());
    } catch (IOException e) {
      throw new SandboxException(
          INSTALL_FAILED,
          "The folder for apps, " + folder + ", cannot be prepared: " + e.getMessage() + ".",
          e);
    }
  }

  /** Returns a package for {@link #install}. The download goes to the store's temporary folder. */
  public PackageFiles packageAt(URI url, String sha256) {
    return new PackageFiles(
        url, sha256, folder.temporary(), Optional.empty(), "sha256-" + sha256, download);
  }

  /**
   * Returns a package that is refused without an accepted signature.
   *
   * @param contentId identifies the package and the rule
   */
  public PackageFiles signedPackageAt(
      URI url, String sha256, SignatureRule signature, String contentId) {
    return new PackageFiles(
        url, sha256, folder.temporary(), Optional.of(signature), contentId, download);
  }

  /** See {@link Preparation#toolchain()}. */
  public String toolchain() {
    return preparation.toolchain();
  }

  /** Installs a version with normal priority. */
  public InstalledApp install(
      String app, String version, AppFiles files, InstallProgress installProgress) {
    return install(app, version, files, installProgress, InstallPriority.NORMAL);
  }

  /**
   * Installs a version, or returns immediately if its content is already installed. Concurrent
   * calls for the same content share one installation.
   *
   * @param app the name of the App document
   * @param version as that document declares it
   * @throws SandboxException with a reason of {@link AppReason}; a failed installation leaves
   *     nothing on disk
   */
  public InstalledApp install(
      String app,
      String version,
      AppFiles files,
      InstallProgress installProgress,
      InstallPriority priority) {
    String contentId = requireValidContentId(files.contentId());
    var mine = new CompletableFuture<Complete>();
    var others = installations.putIfAbsent(contentId, mine);
    if (others != null) {
      return toInstalledApp(app, version, contentId, result(others));
    }
    try {
      Optional<Complete> before = find(contentId);
      Complete complete =
          before.isPresent()
              ? before.get()
              : build(app, version, contentId, files, installProgress, priority);
      folder.recordUse(contentId, clock.instant());
      mine.complete(complete);
      return toInstalledApp(app, version, contentId, complete);
    } catch (IOException e) {
      var failure = new SandboxException(INSTALL_FAILED, failed(app, version, e), e);
      mine.completeExceptionally(failure);
      throw failure;
    } catch (RuntimeException | Error e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      installations.remove(contentId, mine);
    }
  }

  /** Returns a version if its installation is complete. Reads only two small files. */
  public Optional<InstalledApp> installed(String app, String version, String contentId) {
    try {
      return find(requireValidContentId(contentId))
          .filter(complete -> complete.manifest().version().equals(version))
          .map(complete -> toInstalledApp(app, version, contentId, complete));
    } catch (IOException e) {
      throw new SandboxException(INSTALL_FAILED, failed(app, version, e), e);
    }
  }

  /**
   * Removes unused contents once their last recorded use is older than the grace period.
   *
   * @param inUse content ids that an appspace runs or may roll back to; never removed
   * @return the number of removed contents
   */
  public int collect(Set<String> inUse, Duration grace) {
    try {
      int removed = 0;
      for (String contentId : folder.contents()) {
        if (inUse.contains(contentId)) {
          folder.recordUse(contentId, clock.instant());
          folder.removeEarlier(contentId, clock.instant(), grace);
        } else if (removeUnused(contentId, grace)) {
          removed++;
        }
      }
      return removed;
    } catch (IOException | UncheckedIOException e) {
      throw new SandboxException(
          INSTALL_FAILED,
          "Unused app versions in " + folder + " cannot be removed: " + e.getMessage() + ".",
          e);
    }
  }

  /**
   * Runs inside {@code compute} for this key, so that no concurrent installation finds content that
   * is about to be removed.
   */
  private boolean removeUnused(String contentId, Duration grace) {
    boolean[] removed = {false};
    installations.compute(
        contentId,
        (id, installing) -> {
          try {
            if (installing == null && folder.unusedSince(id, clock.instant().minus(grace))) {
              folder.removeContent(id);
              removed[0] = true;
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return installing;
        });
    return removed[0];
  }

  private Complete build(
      String app,
      String version,
      String contentId,
      AppFiles files,
      InstallProgress installProgress,
      InstallPriority priority)
      throws IOException {
    requireRoom();
    InstallFolder parts = folder.begin();
    try {
      installProgress.stepStarted(Step.FETCH);
      Optional<InstallFolder> earlier = folder.earlier(contentId);
      fetch(earlier.<AppFiles>map(e -> new FolderFiles(e.files(), contentId)).orElse(files), parts);
      installProgress.stepStarted(Step.MANIFEST);
      DropappManifest dropappManifest = manifests.read(parts.files());
      requireVersion(app, version, dropappManifest);
      Prepared prepared =
          prepare(
              parts,
              dropappManifest,
              earlier.map(InstallFolder::cache),
              files.lockRemedy(),
              installProgress,
              priority);
      installProgress.stepStarted(Step.PUBLISH);
      Descriptor.of(contentId, version, prepared).write(parts.descriptor());
      folder.publish(parts, contentId);
      installProgress.stepStarted(Step.COMPLETE);
      return new Complete(folder.locationOf(contentId), dropappManifest, prepared);
    } finally {
      FileTree.delete(parts.root());
    }
  }

  private Prepared prepare(
      InstallFolder parts,
      DropappManifest dropappManifest,
      Optional<Path> earlier,
      String lockRemedy,
      InstallProgress installProgress,
      InstallPriority priority)
      throws IOException {
    boolean low = priority == InstallPriority.LOW;
    if (low) {
      InstallSandbox.acquire(lowPriority);
    }
    try {
      return preparation.prepare(parts, dropappManifest, earlier, lockRemedy, installProgress);
    } catch (SandboxException e) {
      requireRoom(); // on a full disk, the app is not at fault
      throw e;
    } finally {
      if (low) {
        lowPriority.release();
      }
    }
  }

  /**
   * Requires free disk space before an installation starts. {@link AppSizeLimits} limits a running
   * installation.
   */
  private void requireRoom() {
    DiskSpace disk = DiskSpace.of(folder.temporary());
    if (disk.aboveReserve() < MIN_FREE_BYTES) {
      throw new SandboxException(
          INSTALL_FAILED,
          "There is not enough disk space to install an app: "
              + disk.remedy()
              + ". The server retries automatically.");
    }
  }

  private void fetch(AppFiles files, InstallFolder parts) {
    try {
      files.copyTo(new Unpacker(parts.files(), bounds));
    } catch (IOException e) {
      throw new SandboxException(FETCH_FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  private static void requireVersion(String app, String version, DropappManifest dropappManifest) {
    if (!dropappManifest.version().equals(version)) {
      throw new SandboxException(
          MANIFEST_INVALID,
          "App \"%s\" declares version %s, but the dropapp.json of that source says %s: write the same version in both."
              .formatted(app, version, Printable.of(dropappManifest.version())));
    }
  }

  private Optional<Complete> find(String contentId) throws IOException {
    InstallFolder parts = folder.locationOf(contentId);
    Optional<Descriptor> descriptor = Descriptor.read(parts.descriptor());
    if (descriptor.isEmpty()) {
      return Optional.empty();
    }
    DropappManifest dropappManifest = manifests.read(parts.files());
    return Optional.of(new Complete(parts, dropappManifest, descriptor.get().prepared()));
  }

  private static InstalledApp toInstalledApp(
      String app, String version, String contentId, Complete found) {
    requireVersion(app, version, found.manifest());
    return new InstalledApp(
        app,
        version,
        contentId,
        found.parts().files(),
        found.parts().cache(),
        found.parts().denoConfig(),
        found.manifest(),
        found.prepared().runtime(),
        found.prepared().packageProgram());
  }

  private static Complete result(CompletableFuture<Complete> others) {
    try {
      return others.join();
    } catch (CompletionException | CancellationException e) {
      if (e.getCause() instanceof SandboxException failure) {
        throw new SandboxException(failure.reason(), String.valueOf(failure.getMessage()), failure);
      }
      throw e;
    }
  }

  private static String requireValidContentId(String contentId) {
    if (!CONTENT_ID.matcher(contentId).matches()) {
      throw new SandboxException(
          INSTALL_FAILED,
          "\""
              + Printable.of(contentId)
              + "\" is not a content id: use letters, digits and dashes only.");
    }
    return contentId;
  }

  private String failed(String app, String version, IOException e) {
    return "App \"%s\" %s cannot be installed in %s: %s."
        .formatted(app, version, folder, Printable.of(String.valueOf(e.getMessage())));
  }
}
