package io.dropserver.cli.backup;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.ProgressBar;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.Erasure;
import java.nio.file.Path;

/** Runs long operations on the server and displays their progress. */
public final class BackupOperations {
  private BackupOperations() {}

  /** Makes a path absolute, because the server has another working directory. */
  static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  public static int run(
      Context context, StateOption state, OutputOption output, BackupOrder order) {
    BackupOutcome outcome;
    try (ProgressBar bar = new ProgressBar(context.terminal())) {
      outcome = context.server(state).backups().run(order, bar::show);
    }
    return print(context, output, outcome);
  }

  /** Prints what was erased and what remains. Fails if a repository still has a part of it. */
  static int erase(Context context, StateOption state, OutputOption output, Erasure erasure) {
    BackupOutcome outcome;
    try (ProgressBar bar = new ProgressBar(context.terminal())) {
      outcome = context.server(state).backups().erase(erasure, bar::show);
    }
    int printed = print(context, output, outcome);
    return Boolean.TRUE.equals(outcome.fields().get("complete")) ? printed : ExitCode.ERROR;
  }

  private static int print(Context context, OutputOption output, BackupOutcome outcome) {
    return output.print(
        context.terminal(), outcome.fields(), () -> context.printLines(outcome.message()));
  }
}
