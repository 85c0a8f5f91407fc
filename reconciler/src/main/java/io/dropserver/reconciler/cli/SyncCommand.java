package io.dropserver.reconciler.cli;

import io.dropserver.schema.status.InstanceStatus;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.schema.status.StatusProblem;
import io.dropserver.schema.status.SyncResult;
import io.dropserver.schema.text.VisibleText;
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
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "Timeout of --wait (default: ${DEFAULT-VALUE}).")
  int timeoutSeconds;

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
    Optional<Duration> timeout =
        wait ? Optional.of(Duration.ofSeconds(timeoutSeconds)) : Optional.empty();
    SyncResult result = server.control().sync(Optional.ofNullable(accept), timeout);
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
