package io.dropserver.cli.object;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.StatusProblem;
import io.dropserver.control.SyncResult;
import io.dropserver.schema.instance.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "sync",
    description = "Poll the remote now, without waiting for the next poll.",
    footer = {
      "",
      "With --wait: exit code 0 if the newest revision is in service and every object is ready,",
      "3 if it is in service but an object is not ready, 1 if it was refused, 2 if it is still",
      "in progress after the timeout.",
      "",
      "Example: after a push, and to accept a rewritten history",
      "  git push && dropserver sync --wait",
      "  dropserver sync --wait --accept 4f1c2e7d0b6a59831c0e2d4f5a6b7c8d9e0f1a2b"
    })
final class SyncCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--wait",
      description = "Return after the found revision is in service or refused.")
  boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "2m",
      description =
          "Timeout of --wait, such as 90s or 2m; a number means seconds (default:"
              + " ${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init") // has a default
  String timeout;

  @Option(
      names = "--accept",
      paramLabel = "SHA",
      description = "Accept this commit although it rewrites history or empties the tree.")
  @Nullable String accept;

  SyncCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ServerConnection server = context.server(state);
    SyncResult result =
        server
            .control()
            .sync(Optional.ofNullable(accept), wait ? Optional.of(duration()) : Optional.empty());
    Optional<InstanceStatus> status =
        wait && !result.waiting() ? Optional.of(server.view().status()) : Optional.empty();
    List<StatusProblem> problems =
        result.served() ? List.of() : status.map(InstanceStatus::problems).orElse(List.of());
    if (problems.isEmpty() || output.structured()) {
      output.print(
          context.terminal(),
          result,
          () -> context.terminal().out().println(VisibleText.lines(result.message())));
    } else {
      // Do not print the message, because it repeats the first problem.
      problems.forEach(
          p -> context.terminal().err().println(VisibleText.line(StatusCommand.text(p))));
    }
    if (wait && result.waiting()) {
      return result.served() ? ExitCode.OK : ExitCode.DIFFERENCE;
    }
    return status.map(now -> exitCode(result, now)).orElse(ExitCode.OK);
  }

  private Duration duration() {
    return Durations.parse(timeout.matches("[0-9]+") ? timeout + "s" : timeout)
        .orElseThrow(
            () ->
                new CommandException(
                    "--timeout " + timeout + " is not a duration",
                    "write a duration such as 90s, 2m or 1h30m"));
  }

  private static int exitCode(SyncResult result, InstanceStatus status) {
    if (result.served()) {
      boolean ready = status.objects().stream().allMatch(ObjectStatus::ready);
      return ready ? ExitCode.OK : ExitCode.NOT_READY;
    }
    boolean refused =
        !status.problems().isEmpty()
            || (!status.suspended()
                && !status.revision().seen().equals(status.revision().served()));
    return refused ? ExitCode.ERROR : ExitCode.DIFFERENCE;
  }
}
