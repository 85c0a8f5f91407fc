package io.dropserver.server.trial;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.lifecycle.LifecycleSettings;
import io.dropserver.sandbox.lifecycle.WaitingSupport;
import io.dropserver.sandbox.storage.LoopSupport;
import io.dropserver.sandbox.storage.SoftStorage;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.server.SandboxModule;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Determines which isolation layers this machine supports. Uses the same checks as a server, but
 * needs no running server.
 */
public final class IsolationTrial {
  private IsolationTrial() {}

  /**
   * Starts a sandbox in a temporary folder and deletes the folder afterwards.
   *
   * @param install the installation folder of this program
   * @throws io.dropserver.sandbox.SandboxException when no sandbox can be started; the message
   *     contains the remedy
   */
  public static List<Layer> layers(SandboxSettings settings, Path install) throws IOException {
    return SandboxTrial.run(
        settings,
        install,
        false,
        trial -> {
          SandboxModule module = trial.module();
          Optional<Storage.Missing> refused = LoopSupport.unavailable().or(module::tryVolume);
          try (Storage storage =
              refused.<Storage>map(SoftStorage::new).orElseGet(module::storage)) {
            return new VolumeHost(trial.host(), storage, spec -> {}, module.allowWeaker()).layers();
          }
        });
  }

  /**
   * Starts a container of gVisor, as for an appspace with {@code isolation: gvisor}.
   *
   * @return why it cannot be started, with the remedy; empty if it can
   */
  public static Optional<String> gvisorProblem(SandboxSettings settings, Path install)
      throws IOException {
    return SandboxTrial.run(
        settings,
        install,
        false,
        trial -> {
          try {
            trial.host().requireKernel(Isolation.GVISOR);
            return Optional.empty();
          } catch (SandboxException e) {
            return Optional.of(String.valueOf(e.getMessage()));
          }
        });
  }

  /**
   * Determines whether sandboxes can wait for appspaces.
   *
   * @param layers the names of the isolation layers that are present
   * @param state the state folder, or the nearest one above it that exists
   */
  public static Optional<WaitingSupport.Problem> waitingProblem(
      SandboxSettings settings, Path install, Set<String> layers, Path state) {
    LifecycleSettings lifecycle =
        new SandboxModule(settings, new StateFolder(state), install, Clock.systemUTC()).lifecycle();
    return WaitingSupport.problem(lifecycle, layers, state);
  }

  /** Returns whether each appspace gets its own host user, which requires root. */
  public static boolean isSystemProfile() throws IOException {
    return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }
}
