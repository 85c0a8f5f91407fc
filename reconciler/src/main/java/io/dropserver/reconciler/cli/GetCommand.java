package io.dropserver.reconciler.cli;

import static io.dropserver.reconciler.cli.Terminal.Colour.GREEN;
import static io.dropserver.reconciler.cli.Terminal.Colour.RED;

import io.dropserver.reconciler.cli.Table.Cell;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.JobStatus;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.schema.text.VisibleText;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "get",
    description = "List the objects of one kind, or show one object with its conditions.",
    footer = {
      "",
      "Example:",
      "  dropserver get appspaces",
      "  dropserver get appspace notes",
      "  dropserver get user alice -o json"
    })
final class GetCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(
      index = "0",
      paramLabel = "KIND",
      description = "instance, user, group, app, appspace or egresswhitelist, also in the plural.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String kind;

  @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "Name of one object.")
  @Nullable String name;

  GetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Kind wanted = KindName.parse(kind);
    List<ObjectStatus> objects =
        context.server(state).view().objects(Optional.of(wanted.text()), Optional.ofNullable(name));
    if (name != null && objects.isEmpty()) {
      throw new CommandException(
          "there is no " + wanted.text() + " named " + name,
          "`dropserver get " + kind + "` lists the names");
    }
    return name == null
        ? output.print(
            context.terminal(),
            Map.of("objects", objects),
            () -> ObjectTable.print(context.terminal(), objects))
        : output.print(context.terminal(), objects.getFirst(), () -> printOne(objects.getFirst()));
  }

  private void printOne(ObjectStatus object) {
    PrintStream out = context.terminal().out();
    out.println(VisibleText.line(object.kind() + " " + object.name()));
    object.url().ifPresent(url -> out.println("url:     " + VisibleText.line(url)));
    out.println("source:  " + VisibleText.line(object.source()));
    out.println();
    Table table = new Table("CONDITION", "STATUS", "REASON", "SINCE", "MESSAGE");
    for (Condition condition : object.conditions()) {
      table.row(
          Cell.of(condition.type()),
          Cell.of(condition.status() ? "true" : "false"),
          Cell.of(condition.reason()),
          Cell.of(TimeText.ago(condition.since(), context.clock())),
          Cell.of(condition.message()));
    }
    table.print(context.terminal());
    printJobs(object.jobs());
  }

  private void printJobs(List<JobStatus> jobs) {
    if (jobs.isEmpty()) {
      return;
    }
    context.terminal().out().println();
    Table table = new Table("JOB", "SCHEDULE", "LAST RUN", "RESULT", "NEXT");
    for (JobStatus job : jobs) {
      table.row(
          Cell.of(job.name()),
          Cell.of(job.schedule()),
          Cell.of(job.lastRun().map(at -> TimeText.ago(at, context.clock())).orElse("never")),
          Cell.of(job.running() ? "running" : job.result(), job.failing() ? RED : GREEN),
          Cell.of(job.next().map(GetCommand::time).orElse("not planned")));
    }
    table.print(context.terminal());
  }

  private static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
