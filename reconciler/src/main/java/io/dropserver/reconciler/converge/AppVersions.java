package io.dropserver.reconciler.converge;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.app.InstallPriority;
import io.dropserver.schema.instance.App;
import java.util.Optional;

/**
 * Identifies and installs app versions for convergence. The composition root provides the
 * implementation. Thread-safe.
 */
public interface AppVersions {

  /**
   * Identifies the content of a version without fetching it. For a folder of the config repo, the
   * ID is its tree at the given revision; for other sources, it is the pinned commit or checksum.
   * Cheap and deterministic.
   *
   * @param revision the revision that declares the version, 40 hex digits
   * @throws RuntimeException with a readable message, when the origin does not exist
   */
  String contentId(App.AppVersion appVersion, String revision);

  /**
   * Installs the version, or returns immediately if its content is already installed. Concurrent
   * calls share one installation.
   *
   * @param priority {@link InstallPriority#LOW} if the last installation of this version failed
   * @throws io.dropserver.sandbox.SandboxException when the installation fails; a failed
   *     installation leaves no files behind
   */
  InstalledApp install(
      String app, App.AppVersion appVersion, String revision, InstallPriority priority);

  /** Returns a version from the store without installing it; empty if it is not installed. */
  Optional<InstalledApp> installed(String app, String version, String contentId);

  /**
   * Identifies the programs that install versions. With another identifier, an installation that
   * failed may succeed.
   */
  String installer();
}
