package io.dropserver.reconciler.update;

import io.dropserver.reconciler.converge.AppVersions;
import io.dropserver.reconciler.source.AppSources;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.app.InstallPriority;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.app.NpmFiles;
import io.dropserver.sandbox.app.NpmResolver;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Installs new versions with the checks of every installation: dependencies are locked and fetched
 * in a sandbox, and the app answers a request in a trial start without network and without data of
 * an appspace. The installed version stays in the store, so that its later use is fast, until
 * garbage collection removes it. Thread-safe.
 *
 * @param temporary a folder that exists only during a trial; its parents are searchable by others
 */
public record CandidateTrial(
    AppStore store, AppVersions versions, NpmResolver resolver, Path temporary) {

  /**
   * A version that passed.
   *
   * @param lock the text of its new lock file; empty unless the source is a package from npm
   * @param bytes of its files, packages and caches
   */
  record Passed(InstalledApp app, Optional<String> lock, OptionalInt packages, long bytes) {}

  /**
   * @param revision the revision on which the entry is based
   * @throws SandboxException with a reason of {@link io.dropserver.state.condition.AppReason}
   */
  synchronized Passed run(String app, AppVersion entry, String revision) throws IOException {
    if (!(entry.source() instanceof NpmSource npm)) {
      InstalledApp installed = versions.install(app, entry, revision, InstallPriority.LOW);
      return new Passed(installed, Optional.empty(), OptionalInt.empty(), bytes(installed));
    }
    NpmResolver.Resolved resolved = inTemporary(() -> resolver.resolve(npm, temporary));
    NpmFiles files = new NpmFiles(npm, Optional.of(AppSources.newLock(resolved.lock())));
    InstalledApp installed =
        store.install(app, entry.version(), files, InstallProgress.SILENT, InstallPriority.LOW);
    return new Passed(
        installed,
        Optional.of(resolved.lock()),
        OptionalInt.of(resolved.packages()),
        bytes(installed));
  }

  /** Returns the address of the registry of npm, which ends with a slash. */
  public synchronized URI registry() throws IOException {
    return inTemporary(() -> resolver.registry(temporary));
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  private <T> T inTemporary(Work<T> work) throws IOException {
    AtomicFiles.deleteTree(temporary); // of a server that was killed
    Files.createDirectory(temporary);
    try {
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
      return work.run();
    } finally {
      AtomicFiles.deleteTree(temporary);
    }
  }

  private static long bytes(InstalledApp app) throws IOException {
    long bytes = 0;
    for (Path folder : new Path[] {app.files(), app.denoDir()}) {
      try (Stream<Path> files = Files.walk(folder)) {
        bytes +=
            files
                .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                .mapToLong(file -> file.toFile().length())
                .sum();
      }
    }
    return bytes;
  }
}
