package io.dropserver.cli.object;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.InstanceStatus;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "health",
    description = "Check whether the server answers and can serve appspaces, for probes.",
    footer = {
      "",
      "Answers like /readyz of the admin listener, through the control socket, so it works inside"
          + " a",
      "container without a port. Prints ok and exits with 0, or prints the reason and exits with"
          + " 1.",
      "",
      "Example: as a probe of a container, and whether the process answers at all",
      "  dropserver health",
      "  dropserver health --live"
    })
final class HealthCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();

  @Option(
      names = "--live",
      description = "Only check that the server answers, whether or not it can serve appspaces.")
  boolean live;

  HealthCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    InstanceStatus status = context.server(state).view().status();
    Optional<String> problem = live ? Optional.empty() : problem(status);
    context.print(problem.orElse("ok"));
    return problem.isEmpty() ? ExitCode.OK : ExitCode.ERROR;
  }

  private static Optional<String> problem(InstanceStatus status) {
    return status.revision().served().isEmpty()
        ? Optional.of("no revision is in service yet")
        : status.conditions().stream()
            .filter(c -> c.hasType(ConditionType.SANDBOXES_UNAVAILABLE) && c.status())
            .map(Condition::message)
            .findFirst();
  }
}
