package io.dropserver.reconciler.cli;

import static io.dropserver.reconciler.cli.Terminal.Colour.YELLOW;

import io.dropserver.reconciler.cli.Table.Cell;
import io.dropserver.schema.status.ApprovalStatus;
import io.dropserver.schema.status.SuggestedEgressStatus;
import io.dropserver.schema.text.VisibleText;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "approvals",
    description = "List, show and decide requests of appspaces to reach destinations outside.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Merging a request's branch allows it as well; use these commands if no forge is available.",
      "",
      "Example:",
      "  dropserver approvals list"
    })
final class ApprovalsCommand extends CommandGroup {
  static ApprovalStatus find(List<ApprovalStatus> requests, String id) {
    return requests.stream()
        .filter(request -> request.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException(
                    "there is no request for approval " + id,
                    "`dropserver approvals list --all` lists them"));
  }

  @Command(
      name = "list",
      description = "List waiting requests: id, appspace, destination, and where to merge them.",
      footer = {"", "Example:", "  dropserver approvals list -o json"})
  static final class ListRequests implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();
    @Mixin OutputOption output = new OutputOption();

    @Option(
        names = "--all",
        description = "Include decided requests; JSON output always includes them.")
    boolean all;

    @Option(names = "--exit-code", description = "Exit with 2 if a request is waiting.")
    boolean exitCode;

    ListRequests(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      List<ApprovalStatus> requests = context.server(state).view().approvals();
      boolean waits = requests.stream().anyMatch(ListRequests::isPending);
      List<ApprovalStatus> shown =
          all || output.json()
              ? requests
              : requests.stream().filter(ListRequests::isPending).toList();
      if (output.json()) {
        Json.print(context.terminal(), Map.of("requests", shown));
      } else {
        print(shown);
      }
      return exitCode && waits ? ExitCode.DIFFERENCE : ExitCode.OK;
    }

    private static boolean isPending(ApprovalStatus request) {
      return request.state().equals("open") || request.state().equals("queued");
    }

    private static String destination(ApprovalStatus request) {
      int more = request.suggested().size() - 1;
      return more < 1 ? request.url() : request.url() + " and " + more + " more";
    }

    private void print(List<ApprovalStatus> requests) {
      Table table = new Table("ID", "APPSPACE", "URL", "METHODS", "STATE", "ASKED", "WHERE");
      for (ApprovalStatus request : requests) {
        table.row(
            Cell.of(request.id()),
            Cell.of(request.appspace()),
            Cell.of(destination(request)),
            Cell.of(String.join(",", request.methods())),
            Cell.of(request.state()),
            Cell.of(TimeText.ago(request.lastAsked(), context.clock())),
            Cell.of(request.pullRequest().or(request::branch).orElse("")));
      }
      table.print(context.terminal());
    }
  }

  @Command(
      name = "show",
      description = "Show one request, with the app's reason and with warnings.",
      footer = {"", "Example:", "  dropserver approvals show 7f3a2c91"})
  static final class Show implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();
    @Mixin OutputOption output = new OutputOption();

    @Parameters(paramLabel = "ID", description = "See `dropserver approvals list`.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String id;

    Show(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      ApprovalStatus request = find(context.server(state).view().approvals(), id);
      if (output.json()) {
        Json.print(context.terminal(), request);
      } else {
        print(request);
      }
      return ExitCode.OK;
    }

    private void print(ApprovalStatus request) {
      PrintStream out = context.terminal().out();
      line(out, "Appspace", request.appspace());
      if (request.suggested().isEmpty()) {
        line(out, "Requests", request.url());
        line(out, "Methods", String.join(", ", request.methods()));
      }
      for (SuggestedEgressStatus each : request.suggested()) {
        String reason =
            each.reason().map(text -> " \u201c" + text + "\u201d (unchecked)").orElse("");
        line(out, "Suggests", each.url() + " (" + String.join(", ", each.methods()) + ")" + reason);
      }
      line(out, "State", request.state());
      line(
          out,
          "Requested",
          request.times() + " times, last " + TimeText.ago(request.lastAsked(), context.clock()));
      request.branch().ifPresent(branch -> line(out, "Branch", branch));
      request.pullRequest().ifPresent(url -> line(out, "Pull req.", url));
      request.problem().ifPresent(problem -> line(out, "Problem", problem));
      request
          .reason()
          .ifPresent(reason -> line(out, "App says", "\u201c" + reason + "\u201d (unchecked)"));
      for (String warning : request.warnings()) {
        out.println(context.terminal().paint(YELLOW, VisibleText.line(warning)));
      }
    }

    private static void line(PrintStream out, String name, String value) {
      out.printf("%-10s%s%n", name, VisibleText.line(value));
    }
  }
}
