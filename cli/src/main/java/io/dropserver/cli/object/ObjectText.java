package io.dropserver.cli.object;

import static io.dropserver.cli.output.Terminal.Colour.GREEN;
import static io.dropserver.cli.output.Terminal.Colour.RED;

import io.dropserver.base.text.Sizes;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.SeverityColour;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.Terminal.Colour;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.AppspaceUsage;
import io.dropserver.control.EgressLine;
import io.dropserver.control.JobStatus;
import io.dropserver.control.Membership;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.VisitorRequest;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.Event;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Prints one object in several sections. */
record ObjectText(Context context) {

  /** Prints the object with its conditions, jobs and members. */
  void print(ObjectStatus object) {
    PrintStream out = context.terminal().out();
    out.println(VisibleText.line(object.kind() + " " + object.name()));
    object.url().ifPresent(url -> out.println("url:     " + VisibleText.line(url)));
    out.println("source:  " + VisibleText.line(object.source()));
    if (!object.labels().isEmpty()) {
      out.println("labels:  " + VisibleText.line(ObjectTable.labels(object)));
    }
    out.println();
    Table table = new Table("CONDITION", "STATUS", "SEVERITY", "REASON", "SINCE", "MESSAGE");
    for (Condition condition : object.conditions()) {
      table.row(
          Cell.of(condition.type()),
          Cell.of(condition.status() ? "true" : "false"),
          Cell.of(condition.severity().text(), SeverityColour.of(condition.severity())),
          Cell.of(condition.reason()),
          Cell.of(TimeText.ago(condition.since(), context.clock())),
          Cell.of(condition.message()));
    }
    table.print(context.terminal());
    printJobs(object.jobs());
    printMembers(object.members());
  }

  private void printMembers(List<Membership> members) {
    if (members.isEmpty()) {
      return;
    }
    context.terminal().out().println();
    Table table = new Table("MEMBER", "DECLARED BY", "UNTIL");
    for (Membership member : members) {
      table.row(
          Cell.of(member.user()),
          Cell.of(member.issuer().map(issuer -> "the claim of " + issuer).orElse("Git")),
          Cell.of(member.until().map(ObjectText::time).orElse("")));
    }
    table.print(context.terminal());
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
          Cell.of(job.next().map(ObjectText::time).orElse("not planned")));
    }
    table.print(context.terminal());
  }

  void printUsage(AppspaceUsage usage) {
    context.terminal().out().println();
    Table table = new Table("USAGE", "NOW", "LIMIT");
    table.row(
        Cell.of("memory"),
        Cell.of(Sizes.text(usage.last().memoryBytes())),
        Cell.of(Sizes.text(usage.memoryLimitBytes())));
    table.row(
        Cell.of("processor"),
        Cell.of(cores(usage.last().cpuMillis())),
        Cell.of(cores(usage.cpuLimitMillis())));
    table.row(
        Cell.of("processes"),
        Cell.of(Integer.toString(usage.last().processes())),
        Cell.of(Integer.toString(usage.processLimit())));
    table.row(
        Cell.of("storage"),
        Cell.of(Sizes.text(usage.last().storageBytes())),
        Cell.of(Sizes.text(usage.storageLimitBytes())));
    table.print(context.terminal());
    if (!usage.live()) {
      context.print("No process runs now; these are the last values.");
    } else if (usage.asleep()) {
      context.print("The sandbox is asleep until the next request.");
    }
  }

  private static String cores(int millis) {
    return millis % 1000 == 0 ? millis / 1000 + " cores" : millis + "m";
  }

  void printEvents(List<Event> events) {
    context.terminal().out().println();
    Table table = new Table("EVENT", "REASON", "MESSAGE");
    for (Event event : events) {
      table.row(
          Cell.faint(TimeText.local(event.time())),
          event.warning() ? Cell.of(event.reason(), Colour.YELLOW) : Cell.of(event.reason()),
          Cell.of(event.message()));
    }
    table.print(context.terminal());
  }

  void printVisitorRequests(List<VisitorRequest> requests) {
    context.terminal().out().println();
    Table table = new Table("VISITOR REQUEST", "METHOD", "STATUS", "MILLIS", "PATH");
    for (VisitorRequest request : requests) {
      table.row(
          Cell.faint(TimeText.local(request.time())),
          Cell.of(request.method()),
          Cell.of(
              Integer.toString(request.status()), request.status() < 500 ? GREEN : Colour.YELLOW),
          Cell.of(Long.toString(request.millis())),
          Cell.of(request.path()));
    }
    table.print(context.terminal());
  }

  void printRequests(List<EgressLine> requests) {
    context.terminal().out().println();
    Table table = new Table("REQUEST", "DECISION", "METHOD", "STATUS", "URL");
    for (EgressLine line : requests) {
      table.row(
          Cell.faint(TimeText.local(line.time())),
          Cell.of(line.decision(), line.decision().equals("allowed") ? GREEN : Colour.YELLOW),
          Cell.of(line.method()),
          Cell.of(line.status() == 0 ? "-" : Integer.toString(line.status())),
          Cell.of(line.url()));
    }
    table.print(context.terminal());
  }

  private static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
