package io.dropserver.reconciler.cli;

import static io.dropserver.reconciler.cli.Terminal.Colour.GREEN;
import static io.dropserver.reconciler.cli.Terminal.Colour.RED;
import static io.dropserver.reconciler.cli.Terminal.Colour.YELLOW;

import io.dropserver.schema.status.ApprovalStatus;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.ConditionType;
import io.dropserver.schema.status.InstanceStatus;
import io.dropserver.schema.status.RevisionStatus;
import io.dropserver.schema.status.StatusProblem;
import io.dropserver.schema.text.VisibleText;
import java.io.PrintStream;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "status",
    description =
        "Show the served revision, refused revisions with reasons, and the state of each object.",
    footer = {
      "",
      "Example: as a table, for a script, and as a check",
      "  dropserver status --state demo/state",
      "  dropserver status -o json | jq .revision.served",
      "  dropserver status --exit-code > /dev/null || echo not ready"
    })
final class StatusCommand implements Callable<Integer> {
  /** Conditions of objects that are ready and still need something from a person. */
  private static final Set<ConditionType> NEEDS_ATTENTION =
      EnumSet.of(
          ConditionType.STALLED,
          ConditionType.STORAGE_FULL,
          ConditionType.SECRET_MISSING,
          ConditionType.JOB_FAILING,
          ConditionType.UPDATE_FAILED);

  /** Bounds the lines above the table; `dropserver get` shows the others. */
  private static final int MAX_OBJECT_CONDITIONS = 20;

  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(names = "--exit-code", description = "Exit with 2 if an object is not ready.")
  boolean exitCode;

  StatusCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    InstanceStatus status = context.server(state).view().status();
    int code = output.print(context.terminal(), status, () -> print(status));
    return exitCode && !status.ready() ? ExitCode.DIFFERENCE : code;
  }

  private void print(InstanceStatus status) {
    Terminal terminal = context.terminal();
    PrintStream out = terminal.out();
    out.println(summary(status));
    for (StatusProblem problem : status.problems()) {
      out.println("  " + terminal.paint(RED, VisibleText.line(text(problem))));
    }
    for (Condition condition : status.conditions()) {
      // The message of a refusal repeats the first problem.
      boolean printed =
          condition.hasType(ConditionType.REVISION_REFUSED) && !status.problems().isEmpty();
      if (isRelevant(condition) && !printed) {
        print("", condition);
      }
    }
    status.objects().stream()
        .flatMap(
            object ->
                object.conditions().stream()
                    .filter(c -> c.status() && c.hasTypeIn(NEEDS_ATTENTION))
                    .map(c -> Map.entry(object, c)))
        .limit(MAX_OBJECT_CONDITIONS)
        .forEach(
            each ->
                print(
                    each.getKey().kind().toLowerCase(Locale.ROOT)
                        + "/"
                        + each.getKey().name()
                        + " ",
                    each.getValue()));
    printPendingRequests();
    out.println(VisibleText.line(status.shellUrl()));
    out.println();
    ObjectTable.print(terminal, status.objects());
  }

  private void print(String object, Condition condition) {
    Terminal terminal = context.terminal();
    terminal
        .out()
        .println(
            VisibleText.line(object)
                + terminal.paint(YELLOW, VisibleText.line(condition.type()))
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

  /**
   * Returns whether to print a condition: {@code Ready} only if it is false, because the summary
   * covers the other case, and all other conditions only if they are true.
   */
  private static boolean isRelevant(Condition condition) {
    return condition.hasType(ConditionType.READY) ? !condition.status() : condition.status();
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
