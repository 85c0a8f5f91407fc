package io.dropserver.sandbox.app;

import static io.dropserver.sandbox.app.InstallFailure.FETCH_FAILED;
import static io.dropserver.sandbox.app.InstallFailure.INSTALL_FAILED;
import static io.dropserver.sandbox.app.InstallFailure.MANIFEST_INVALID;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.Progress.Step;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Manifest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The app versions that are complete on this machine, by content. {@code
 * <folder>/<contentId>/<toolchain>/} appears by one rename of a finished, flushed folder, so that a
 * crash at any instant leaves either all of it or nothing. Safe for use by several threads, by one
 * process at a time.
 */
public final class AppStore {
  private static final String TEMPORARY = ".tmp";
  private static final Pattern CONTENT_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{7,127}");

  private final Path folder;
  private final Path temporary;
  private final AppManifest manifests = new AppManifest();
  private final Preparation preparation;
  private final FileBounds bounds;
  private final InstantSource clock;

  /** By content: whoever comes second waits for the first. */
  private final ConcurrentHashMap<String, CompletableFuture<Complete>> running =
      new ConcurrentHashMap<>();

  /** What is known of a content whatever the App documents are called that name it. */
  private record Complete(InstallFolder parts, Manifest manifest, AppRuntime runtime) {}

  /** Removes what an earlier process left unfinished. */
  AppStore(Path folder, Preparation preparation, FileBounds bounds, InstantSource clock) {
    this.folder = folder;
    this.temporary = folder.resolve(TEMPORARY);
    this.preparation = preparation;
    this.bounds = bounds;
    this.clock = clock;
    try {
      FileTree.delete(temporary);
      createPassable(folder);
      createPassable(temporary);
    } catch (IOException e) {
      throw INSTALL_FAILED.because(
          "The folder for apps, " + folder + ", cannot be prepared: " + e.getMessage() + ".", e);
    }
  }

  /** A package for {@link #install}, downloaded beside the store. */
  public PackageFiles packageAt(URI url, String sha256) {
    return PackageFiles.of(url, sha256, temporary);
  }

  /**
   * Installs a version, or returns at once when its content is here. Concurrent calls for one
   * content share one installation.
   *
   * @param app the name of the App document
   * @param version as that document declares it
   * @throws SandboxException with a reason of {@link InstallFailure}; nothing is left then
   */
  public InstalledApp install(String app, String version, AppFiles files, Progress progress) {
    String contentId = checked(files.contentId());
    var mine = new CompletableFuture<Complete>();
    var others = running.putIfAbsent(contentId, mine);
    if (others != null) {
      return named(app, version, contentId, result(others));
    }
    try {
      Optional<Complete> before = find(contentId);
      Complete complete =
          before.isPresent() ? before.get() : build(app, version, contentId, files, progress);
      mine.complete(complete);
      return named(app, version, contentId, complete);
    } catch (IOException e) {
      var failure = INSTALL_FAILED.because(failed(app, version, e), e);
      mine.completeExceptionally(failure);
      throw failure;
    } catch (RuntimeException | Error e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      running.remove(contentId, mine);
    }
  }

  /** A version that is complete here; reads two small files. */
  public Optional<InstalledApp> installed(String app, String version, String contentId) {
    try {
      return find(checked(contentId))
          .filter(complete -> complete.manifest().version().equals(version))
          .map(complete -> named(app, version, contentId, complete));
    } catch (IOException e) {
      throw INSTALL_FAILED.because(failed(app, version, e), e);
    }
  }

  /**
   * Removes contents that nothing uses, a while after their last use was seen here.
   *
   * @param inUse content ids that an appspace runs or may go back to; never removed
   * @return how many were removed
   */
  public int collect(Set<String> inUse, Duration grace) {
    try {
      int removed = 0;
      Instant now = clock.instant();
      for (Path content : children(folder)) {
        String contentId = content.getFileName().toString();
        if (inUse.contains(contentId) || running.containsKey(contentId)) {
          Files.setLastModifiedTime(content, FileTime.from(now));
        } else if (lastUsed(content).plus(grace).isBefore(now)) {
          Path doomed = temporary.resolve(UUID.randomUUID().toString());
          Files.move(content, doomed, StandardCopyOption.ATOMIC_MOVE);
          FileTree.delete(doomed);
          removed++;
        }
      }
      return removed;
    } catch (IOException e) {
      throw INSTALL_FAILED.because(
          "Unused app versions in " + folder + " cannot be removed: " + e.getMessage() + ".", e);
    }
  }

  private Complete build(
      String app, String version, String contentId, AppFiles files, Progress progress)
      throws IOException {
    InstallFolder parts = new InstallFolder(temporary.resolve(UUID.randomUUID().toString()));
    createPassable(parts.root());
    try {
      createPassable(parts.files());
      progress.begins(Step.FETCH);
      fetch(files, parts.files());
      progress.begins(Step.MANIFEST);
      Manifest manifest = manifests.read(parts.files());
      requireVersion(app, version, manifest);
      AppRuntime runtime = preparation.prepare(parts, manifest, progress);
      new Descriptor(Descriptor.FORMAT, contentId, version, runtime).write(parts.descriptor());
      publish(parts, contentId);
      progress.begins(Step.COMPLETE);
      return new Complete(place(contentId), manifest, runtime);
    } finally {
      FileTree.delete(parts.root());
    }
  }

  private void fetch(AppFiles files, Path target) {
    try {
      files.copyTo(new Unpacker(target, bounds));
    } catch (IOException e) {
      throw FETCH_FAILED.because(String.valueOf(e.getMessage()), e);
    }
  }

  private static void requireVersion(String app, String version, Manifest manifest) {
    if (!manifest.version().equals(version)) {
      throw MANIFEST_INVALID.because(
          "App \"%s\" declares version %s, but the dropapp.json of that source says %s: write the same version in both."
              .formatted(app, version, Printable.of(manifest.version())));
    }
  }

  private void publish(InstallFolder parts, String contentId) throws IOException {
    FileTree.seal(parts.root());
    // A folder moves only while its owner may write to it, unless that is root: rename(2).
    createPassable(parts.root());
    FileSystemFlush.of(parts.root());
    createPassable(folder.resolve(contentId));
    Path place = place(contentId).root();
    if (Files.exists(place)) {
      Path unusable = temporary.resolve(UUID.randomUUID().toString());
      Files.move(place, unusable, StandardCopyOption.ATOMIC_MOVE);
      FileTree.delete(unusable);
    }
    Files.move(parts.root(), place, StandardCopyOption.ATOMIC_MOVE);
    FileSystemFlush.of(folder);
  }

  private Optional<Complete> find(String contentId) throws IOException {
    InstallFolder parts = place(contentId);
    Optional<Descriptor> descriptor = Descriptor.read(parts.descriptor());
    if (descriptor.isEmpty()) {
      return Optional.empty();
    }
    Manifest manifest = manifests.read(parts.files());
    return Optional.of(new Complete(parts, manifest, descriptor.get().runtime()));
  }

  private InstallFolder place(String contentId) {
    return new InstallFolder(folder.resolve(contentId).resolve(preparation.toolchain()));
  }

  private static InstalledApp named(String app, String version, String contentId, Complete found) {
    requireVersion(app, version, found.manifest());
    return new InstalledApp(
        app,
        version,
        contentId,
        found.parts().files(),
        found.parts().cache(),
        found.parts().denoConfig(),
        found.manifest(),
        found.runtime());
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

  private static Instant lastUsed(Path content) throws IOException {
    return Files.getLastModifiedTime(content).toInstant();
  }

  private static List<Path> children(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(folder, path -> !path.endsWith(TEMPORARY))) {
      all.forEach(found::add);
    }
    return found;
  }

  /** A sandbox's uid may pass through, but not list or change. */
  private static void createPassable(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  private static String checked(String contentId) {
    if (!CONTENT_ID.matcher(contentId).matches()) {
      throw INSTALL_FAILED.because(
          "\"" + Printable.of(contentId) + "\" is no content id: letters, digits and dashes only.");
    }
    return contentId;
  }

  private String failed(String app, String version, IOException e) {
    return "App \"%s\" %s cannot be installed in %s: %s."
        .formatted(app, version, folder, Printable.of(String.valueOf(e.getMessage())));
  }
}
