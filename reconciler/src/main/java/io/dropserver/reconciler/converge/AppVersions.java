package io.dropserver.reconciler.converge;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.schema.instance.App;
import java.util.Optional;

/**
 * What convergence needs of app versions: their origins and the store. Bound by the composition
 * root. Safe for use by several threads.
 */
public interface AppVersions {

  /**
   * Identifies the version's content without fetching it: for a folder of the config repo its tree
   * at that revision, else what the source pins. Cheap, and the same each time.
   *
   * @param revision 40 hex digits, the revision that declares the version
   * @throws RuntimeException with a message for a person, when the origin is not there
   */
  String contentId(App.Version version, String revision);

  /**
   * Installs the version, or returns at once when its content is here. Concurrent calls share one
   * installation.
   *
   * @throws io.dropserver.sandbox.SandboxException when it cannot be installed; nothing is left
   *     then
   */
  InstalledApp install(String app, App.Version version, String revision);

  /** A content that was installed before, to fall back to. */
  Optional<InstalledApp> installed(String app, String version, String contentId);
}
