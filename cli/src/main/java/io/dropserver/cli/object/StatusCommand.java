package io.dropserver.cli.object;

import static io.dropserver.cli.output.Terminal.Colour.GREEN;
import static io.dropserver.cli.output.Terminal.Colour.RED;
import static io.dropserver.cli.output.Terminal.Colour.YELLOW;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.SeverityColour;
import io.dropserver.cli.output.Terminal;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RevisionStatus;
import io.dropserver.control.StatusProblem;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "status",
    description =
        "Show the served revision, refused revisions with reasons, and the state of each object.",
    footer = {
      "",
      "Example: as a table, for a script, of some objects, and as a check",
      "  dropserver status --state demo/state --watch",
      "  dropserver status -o json | jq .revision.served",
      "  dropserver status -l team=family",
      "  dropserver status --exit-code > /dev/null || echo not ready"
    })
final class StatusCommand implements Callable<Integer> {
  /** Bounds the lines above the table; `dropserver get` shows the others. */
  private static final int MAX_OBJECT_CONDITIONS = 20;

  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();
  @Mixin SelectorOption labels = new SelectorOption();

  @Option(
      names = {"-w", "--watch"},
      description = "Then print the status again after each change, until interrupted.")
  boolean watch;

  @Option(
      names = "--exit-code",
      description = "Exit with 2 if an object is not ready or a condition is an error.")
  boolean exitCode;

  StatusCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (watch) {
      watch();
      return ExitCode.OK;
    }
    InstanceStatus status = context.server(state).view().status();
    InstanceStatus shown = selected(status);
    int code = output.print(context.terminal(), shown, () -> print(shown));
    return exitCode && !status.inOrder() ? ExitCode.DIFFERENCE : code;
  }

  private void watch() {
    AtomicReference<List<Object>> printed = new AtomicReference<>(List.of());
    Watch.repeat(
        () -> {
          InstanceStatus status = selected(context.server(state).view().status());
          List<Object> compared = withoutUsage(status);
          if (!printed.get().equals(compared)) {
            printed.set(compared);
            output.printNext(
                context.terminal(),
                status,
                () -> {
                  print(status);
                  context.terminal().out().println();
                });
          }
        },
        Watch.INTERVAL);
  }

  /** Returns the status with the selected objects only. All else is that of the instance. */
  private InstanceStatus selected(InstanceStatus status) {
    return status.withObjects(labels.select(status.objects()));
  }

  /** Returns what is compared. Usage changes all the time. */
  private static List<Object> withoutUsage(InstanceStatus status) {
    return List.of(
        status.revision(),
        status.ready(),
        status.suspended(),
        status.conditions(),
        status.problems(),
        status.objects().stream()
            .map(each -> List.of(each.kind(), each.name(), each.url(), each.conditions()))
            .toList());
  }

  private void print(InstanceStatus status) {
    Terminal terminal = context.terminal();
    PrintStream out = terminal.out();
    out.println(summary(status));
    for (StatusProblem problem : status.problems()) {
      out.println("  " + terminal.paint(RED, VisibleText.line(text(problem))));
    }
    status.conditions().stream()
        .filter(condition -> condition.severity().needsAttention())
        // The message of a refusal repeats the first problem.
        .filter(
            condition ->
                !condition.hasType(ConditionType.REVISION_REFUSED) || status.problems().isEmpty())
        .sorted(Comparator.comparing(Condition::severity).reversed())
        .forEach(condition -> print("", condition));
    printObjectConditions(status.objects());
    printPendingRequests();
    out.println(VisibleText.line(status.shellUrl()));
    out.println();
    ObjectTable.print(terminal, status.objects(), false);
  }

  /** Prints what needs attention, except readiness, which the table shows. */
  private void printObjectConditions(List<ObjectStatus> objects) {
    List<Map.Entry<String, Condition>> found =
        objects.stream()
            .flatMap(
                object ->
                    object.problems().stream()
                        .filter(condition -> !condition.hasType(ConditionType.READY))
                        .map(condition -> Map.entry(name(object), condition)))
            .sorted(
                Comparator.comparing(
                        (Map.Entry<String, Condition> each) -> each.getValue().severity())
                    .reversed())
            .toList();
    found.stream()
        .limit(MAX_OBJECT_CONDITIONS)
        .forEach(each -> print(each.getKey() + " ", each.getValue()));
    if (found.size() > MAX_OBJECT_CONDITIONS) {
      context.print(
          "and %d more conditions of objects; the column ATTENTION names them"
              .formatted(found.size() - MAX_OBJECT_CONDITIONS));
    }
  }

  private static String name(ObjectStatus object) {
    return object.kind().toLowerCase(Locale.ROOT) + "/" + object.name();
  }

  private void print(String object, Condition condition) {
    Terminal terminal = context.terminal();
    terminal
        .out()
        .println(
            VisibleText.line(object)
                + terminal.paint(
                    SeverityColour.of(condition.severity()), VisibleText.line(condition.problem()))
                + ": "
                + VisibleText.line(condition.message()));
  }

  private void printPendingRequests() {
    List<ApprovalStatus> requests = context.server(state).view().approvals();
    long open = requests.stream().filter(request -> request.state().equals("open")).count();
    long queued = requests.stream().filter(request -> request.state().equals("queued")).count();
    if (open + queued > 0) {
      String where =
          requests.stream()
              .flatMap(request -> request.branch().stream())
              .findFirst()
              .map(branch -> ", such as on branch " + branch)
              .orElse("");
      context.print(
          "egress: %d open and %d queued requests are waiting for a decision%s; `dropserver approvals list`"
              .formatted(open, queued, open > 0 ? where : ""));
    }
  }

  /** Returns a summary such as {@code serving a1b2c3d (2 min ago); refused d4e5f6a}. */
  private String summary(InstanceStatus status) {
    Terminal terminal = context.terminal();
    RevisionStatus revision = status.revision();
    StringBuilder line = new StringBuilder();
    if (revision.served().isEmpty()) {
      line.append(terminal.paint(YELLOW, "serving nothing yet"));
    } else {
      line.append(terminal.paint(status.ready() ? GREEN : YELLOW, "serving "))
          .append(TimeText.shortRevision(revision.served().get()))
          .append(age(revision.servedAt()));
    }
    if (revision.seen().isPresent() && !revision.seen().equals(revision.served())) {
      String verb = status.problems().isEmpty() ? "; seen " : "; refused ";
      line.append(verb)
          .append(TimeText.shortRevision(revision.seen().get()))
          .append(age(revision.seenAt()));
      if (!status.problems().isEmpty()) {
        line.append(':');
      }
    }
    return status.suspended() ? line.append("; suspended").toString() : line.toString();
  }

  private String age(Optional<Instant> time) {
    return time.map(at -> " (" + TimeText.ago(at, context.clock()) + ")").orElse("");
  }

  static String text(StatusProblem problem) {
    return "%s:%d:%d: error: %s%s"
        .formatted(
            problem.file(),
            problem.line(),
            problem.column(),
            problem.message(),
            problem.hint().map(hint -> " (" + hint + ")").orElse(""));
  }
}
