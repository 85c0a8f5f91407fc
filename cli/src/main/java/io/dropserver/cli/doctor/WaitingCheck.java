package io.dropserver.cli.doctor;

import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.server.trial.IsolationTrial;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks whether sandboxes can wait for appspaces. */
final class WaitingCheck {
  private static final String NAME = "waiting sandboxes";
  private static final String WHY = "the start of an appspace takes a fraction of the time";

  private WaitingCheck() {}

  /**
   * @param state the state folder, or the nearest one above it that exists
   * @param layers the checks of the isolation layers
   */
  static DoctorCheck of(
      SandboxSettings settings, Path install, Path state, List<DoctorCheck> layers) {
    if (settings.waiting() == 0) {
      return DoctorCheck.present(NAME, false, "switched off by sandbox.waiting: 0", WHY);
    }
    Set<String> present =
        layers.stream()
            .filter(DoctorCheck::present)
            .map(check -> check.name().replace("layer ", ""))
            .collect(Collectors.toSet());
    return IsolationTrial.waitingProblem(settings, install, present, state)
        .map(it -> DoctorCheck.missing(NAME, false, it.detail(), WHY, it.remedy()))
        .orElse(DoctorCheck.present(NAME, false, "at most " + settings.waiting(), WHY));
  }
}
