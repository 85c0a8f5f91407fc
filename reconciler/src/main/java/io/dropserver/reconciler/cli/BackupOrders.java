package io.dropserver.reconciler.cli;

import io.dropserver.schema.text.VisibleText;
import io.dropserver.web.control.BackupControl.Order;
import io.dropserver.web.control.BackupControl.Outcome;
import io.dropserver.web.control.BackupControl.Verb;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs long operations on the server and shows their progress. */
final class BackupOrders {
  private BackupOrders() {}

  static Order of(Verb verb, Optional<String> appspace) {
    return new Order(verb, appspace, Optional.empty(), Optional.empty(), List.of());
  }

  /** Makes a path absolute, because the server has another working folder. */
  static Optional<String> absolute(@Nullable Path path) {
    return Optional.ofNullable(path).map(p -> p.toAbsolutePath().normalize().toString());
  }

  static int run(Context context, StateOption state, OutputOption output, Order order) {
    ProgressBar bar = new ProgressBar(context.terminal());
    Outcome outcome;
    try {
      outcome = context.server(state).backups().run(order, bar::show);
    } finally {
      bar.clear();
    }
    if (output.json()) {
      Json.print(context.terminal(), outcome.fields());
    } else {
      context.terminal().out().println(VisibleText.lines(outcome.message()));
    }
    return ExitCode.OK;
  }
}
