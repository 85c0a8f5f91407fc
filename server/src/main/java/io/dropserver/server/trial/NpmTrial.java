package io.dropserver.server.trial;

import io.dropserver.reconciler.source.AppSources;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.app.NpmFiles;
import io.dropserver.sandbox.app.NpmResolver;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.AppRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Locks and installs a package from npm in a temporary folder, in the same sandboxes and with the
 * same checks as a server, but without a running server.
 */
public final class NpmTrial {
  private NpmTrial() {}

  /**
   * The result of a successful installation.
   *
   * @param packages the number of locked packages
   * @param bytes of the installed packages and caches
   */
  public record Outcome(String lock, int packages, long bytes, AppRuntime runtime) {}

  /**
   * Blocks until the package is installed, its program has answered a request without network and
   * data, and the temporary folder is deleted again. A signal that ends this program interrupts the
   * calling thread, ends the sandboxes and deletes the folder.
   *
   * @param source its lock is ignored
   * @param settings without {@code cgroupParent}, the layer of cgroups is not used
   * @param install the installation folder of this program
   * @throws SandboxException with a reason of {@link io.dropserver.state.condition.AppReason}, or
   *     when a layer of isolation is missing that the settings do not permit to be missing
   */
  public static Outcome run(
      String app,
      NpmSource source,
      SandboxSettings settings,
      Path install,
      InstallProgress progress)
      throws IOException {
    return SandboxTrial.run(
        settings, install, true, trial -> install(app, source, trial, progress));
  }

  private static Outcome install(
      String app, NpmSource source, SandboxTrial trial, InstallProgress progress)
      throws IOException {
    trial.requireIsolation();
    NpmResolver.Resolved resolved =
        new NpmResolver(trial.installSettings()).resolve(source, trial.folder());
    NpmFiles files = new NpmFiles(source, Optional.of(AppSources.newLock(resolved.lock())));
    InstalledApp installed =
        trial.store().install(app, source.manifest().version(), files, progress);
    return new Outcome(
        resolved.lock(),
        resolved.packages(),
        SandboxTrial.size(installed.denoDir()),
        installed.runtime());
  }
}
