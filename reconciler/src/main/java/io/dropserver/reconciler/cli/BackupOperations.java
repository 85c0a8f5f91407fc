package io.dropserver.reconciler.cli;

import io.dropserver.schema.status.BackupOrder;
import io.dropserver.schema.status.BackupOutcome;
import io.dropserver.schema.text.VisibleText;
import java.nio.file.Path;

/** Runs long operations on the server and displays their progress. */
final class BackupOperations {
  private BackupOperations() {}

  /** Makes a path absolute, because the server has another working directory. */
  static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  static int run(Context context, StateOption state, OutputOption output, BackupOrder order) {
    BackupOutcome outcome;
    try (ProgressBar bar = new ProgressBar(context.terminal())) {
      outcome = context.server(state).backups().run(order, bar::show);
    }
    return output.print(
        context.terminal(),
        outcome.fields(),
        () -> context.terminal().out().println(VisibleText.lines(outcome.message())));
  }
}
