package io.dropserver.cli.object;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.Terminal.Colour;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.AuditRecord;
import io.dropserver.reconciler.audit.AuditReader;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "audit",
    description = {
      "Show what people and commands did: log-ins, decisions, and commands that changed something.",
      "Reads the files in the state folder, so the server need not run."
    },
    footer = {
      "",
      "Example: the last week, what one person did, and what happened to one appspace",
      "  dropserver audit --since 7d",
      "  dropserver audit --actor anna -f",
      "  dropserver audit --object appspace/notes -o json | jq -r .action"
    })
final class AuditCommand implements Callable<Integer> {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Only records since a duration ago, such as 7d, or since 2026-11-25T10:00:00Z.")
  @Nullable String since;

  @Option(
      names = "--actor",
      paramLabel = "NAME",
      description = "Only of a user or an account, such as anna, user/anna or account/root.")
  @Nullable String actor;

  @Option(
      names = "--object",
      paramLabel = "NAME",
      description = "Only about an object, such as notes or appspace/notes.")
  @Nullable String object;

  @Option(
      names = {"-f", "--follow"},
      description = "Follow new records until interrupted.")
  boolean follow;

  AuditCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Path folder = new StateFolder(state.folder(context.terminal().environment())).audit();
    if (Files.exists(folder) && !Files.isReadable(folder)) {
      throw new CommandException(
          "the audit log in " + folder + " is readable for the server's user only",
          "run the command as that user or as root");
    }
    Predicate<AuditRecord> wanted = since().and(this::matches);
    AuditReader reader = new AuditReader(folder);
    print(reader.next(wanted));
    while (follow && pause()) {
      reader.next(wanted).forEach(this::printNext);
    }
    return ExitCode.OK;
  }

  private Predicate<AuditRecord> since() {
    if (since == null) {
      return record -> true;
    }
    Instant start = TimeText.since(since, context.clock());
    return record -> !record.time().isBefore(start);
  }

  private boolean matches(AuditRecord record) {
    boolean actorMatches =
        actor == null
            || names(record.actor(), actor)
            || record.sudoUser().filter(actor::equals).isPresent();
    return actorMatches
        && (object == null
            || Arrays.stream(record.object().split(" ")).anyMatch(it -> names(it, object)));
  }

  /** Returns whether {@code KIND/NAME} has a name, which may be given with or without the kind. */
  private static boolean names(String kindAndName, String wanted) {
    return kindAndName.equals(wanted)
        || kindAndName.substring(kindAndName.indexOf('/') + 1).equals(wanted);
  }

  private void print(List<AuditRecord> records) {
    if (output.structured()) {
      records.forEach(this::printNext);
      return;
    }
    Table table = new Table("TIME", "ACTOR", "ACTION", "OBJECT", "OUTCOME", "FROM");
    for (AuditRecord record : records) {
      table.row(
          Cell.faint(TimeText.local(record.time())),
          Cell.of(actor(record)),
          Cell.of(action(record)),
          Cell.of(record.object()),
          isDone(record) ? Cell.of(record.outcome()) : Cell.of(record.outcome(), Colour.YELLOW),
          Cell.of(record.from()));
    }
    table.print(context.terminal());
  }

  private void printNext(AuditRecord record) {
    output.printNext(
        context.terminal(),
        record,
        () ->
            context.print(
                String.join(
                    "  ",
                    TimeText.local(record.time()),
                    actor(record),
                    action(record),
                    record.object(),
                    record.outcome(),
                    record.from())));
  }

  private static boolean isDone(AuditRecord record) {
    return record.outcome().equals("done") || record.outcome().equals("started");
  }

  private static String actor(AuditRecord record) {
    return record.actor() + record.sudoUser().map(name -> " (sudo: " + name + ")").orElse("");
  }

  private static String action(AuditRecord record) {
    return record.action() + record.count().map(count -> " ×" + count).orElse("");
  }

  /** Returns false when the thread was interrupted. */
  private static boolean pause() {
    try {
      Thread.sleep(INTERVAL);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
