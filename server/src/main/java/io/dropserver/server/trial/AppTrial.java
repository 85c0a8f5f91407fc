package io.dropserver.server.trial;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.app.InstallProgress.Step;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.instance.DropappManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Installs a package of a local file in a temporary folder, in the same sandboxes and with the same
 * checks as a server, but without a running server.
 */
public final class AppTrial {
  private AppTrial() {}

  /**
   * The result of a successful installation.
   *
   * @param bytes of the installed packages and caches
   * @param coldStart the duration of the self-check: the start of a sandbox with the final,
   *     read-only files, the first answer, and the end of the sandbox
   * @param answer to {@code GET /}; empty if the app's own output displaced it
   */
  public record Outcome(
      InstalledApp app, long bytes, Duration coldStart, Optional<Answer> answer) {}

  /**
   * The answer to the {@code GET /} of the self-check.
   *
   * @param output the end of the app's output, safe to print
   */
  public record Answer(int status, String output) {}

  /**
   * Blocks until the package is installed and has answered a request without network and data, and
   * the temporary folder is deleted again.
   *
   * @param archive the {@code .tar.gz}
   * @param sha256 of that file
   * @param settings without {@code cgroupParent}, the layer of cgroups is not used
   * @param install the installation folder of this program
   * @throws SandboxException with a reason of {@link io.dropserver.state.condition.AppReason}, or
   *     when a layer of isolation is missing that the settings do not permit to be missing
   */
  public static Outcome run(
      DropappManifest manifest,
      Path archive,
      String sha256,
      SandboxSettings settings,
      Path install,
      InstallProgress progress)
      throws IOException {
    return SandboxTrial.run(
        settings,
        install,
        true,
        trial -> {
          trial.requireIsolation();
          AppStore store = trial.store();
          AppFiles files = store.packageAt(archive.toUri(), sha256);
          StepTimes times = new StepTimes(progress);
          InstalledApp app = store.install(manifest.name(), manifest.version(), files, times);
          return new Outcome(
              app, SandboxTrial.size(app.denoDir()), times.coldStart(), times.answer);
        });
  }

  private static final class StepTimes implements InstallProgress {
    private final InstallProgress next;
    private final Map<Step, Long> starts = new EnumMap<>(Step.class);
    private Optional<Answer> answer = Optional.empty();

    StepTimes(InstallProgress next) {
      this.next = next;
    }

    @Override
    public void stepStarted(Step step) {
      starts.put(step, System.nanoTime());
      next.stepStarted(step);
    }

    @Override
    public void answered(int status, String output) {
      answer = Optional.of(new Answer(status, output));
    }

    Duration coldStart() {
      return Duration.ofNanos(
          starts.getOrDefault(Step.PUBLISH, 0L) - starts.getOrDefault(Step.SELF_CHECK, 0L));
    }
  }
}
