package io.dropserver.cli.access;

import static io.dropserver.cli.output.Terminal.Colour.YELLOW;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.CommandGroup;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.TimeText;
import io.dropserver.cli.repository.CommitAuthor;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.SuggestedEgressStatus;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "approvals",
    description =
        "List, show and decide requests of appspaces for destinations and browser features.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Merging a request's branch allows it as well; use these commands if no forge is available.",
      "",
      "Example:",
      "  dropserver approvals list"
    })
final class ApprovalsCommand extends CommandGroup {
  private final Context context;

  ApprovalsCommand(Context context) {
    this.context = context;
  }

  private static ApprovalStatus find(List<ApprovalStatus> requests, String id) {
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
  int list(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Option(
              names = "--all",
              description = "Include decided requests; JSON output always includes them.")
          boolean all,
      @Option(names = "--exit-code", description = "Exit with 2 if a request is waiting.")
          boolean exitCode) {
    List<ApprovalStatus> requests = context.server(state).view().approvals();
    boolean waits = requests.stream().anyMatch(ApprovalsCommand::isPending);
    List<ApprovalStatus> shown =
        all || output.structured()
            ? requests
            : requests.stream().filter(ApprovalsCommand::isPending).toList();
    int code =
        output.print(
            context.terminal(),
            "requests",
            shown,
            new Table("ID", "APPSPACE", "URL", "METHODS", "STATE", "ASKED", "WHERE"),
            (table, request) ->
                table.row(
                    Cell.of(request.id()),
                    Cell.of(request.appspace()),
                    Cell.of(destination(request)),
                    Cell.of(String.join(",", request.methods())),
                    Cell.of(request.state()),
                    Cell.of(TimeText.ago(request.lastAsked(), context.clock())),
                    Cell.of(request.pullRequest().or(request::branch).orElse(""))));
    return exitCode && waits ? ExitCode.DIFFERENCE : code;
  }

  private static boolean isPending(ApprovalStatus request) {
    return request.state().equals("open") || request.state().equals("queued");
  }

  private static String destination(ApprovalStatus request) {
    int more = request.suggested().size() - 1;
    return more < 1 ? request.url() : request.url() + " and " + more + " more";
  }

  @Command(
      name = "show",
      description = "Show one request, with the app's reason and with warnings.",
      footer = {"", "Example:", "  dropserver approvals show 7f3a2c91"})
  int show(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Parameters(paramLabel = "ID", description = "See `dropserver approvals list`.") String id) {
    ApprovalStatus request = find(context.server(state).view().approvals(), id);
    return output.print(context.terminal(), request, () -> print(request));
  }

  private void print(ApprovalStatus request) {
    PrintStream out = context.terminal().out();
    line(out, "Appspace", request.appspace());
    if (request.suggested().isEmpty()) {
      line(out, "Requests", request.url());
      line(out, "Methods", String.join(", ", request.methods()));
    }
    for (SuggestedEgressStatus each : request.suggested()) {
      String reason = each.reason().map(text -> " \u201c" + text + "\u201d (unchecked)").orElse("");
      String methods =
          each.methods().isEmpty() ? "" : " (" + String.join(", ", each.methods()) + ")";
      line(out, "Suggests", each.url() + methods + reason);
    }
    line(out, "State", request.state());
    line(
        out,
        "Requested",
        (request.times() == 1 ? "once, " : request.times() + " times, last ")
            + TimeText.ago(request.lastAsked(), context.clock()));
    if (request.attempts().size() > 1) {
      line(
          out,
          "By method",
          request.attempts().entrySet().stream()
              .map(each -> each.getKey() + " " + each.getValue())
              .collect(Collectors.joining(", ")));
    }
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

  @Command(
      name = "approve",
      description = {
        "Allow a request: commits the entry to the followed branch in your name.",
        "With --url, --methods or --for, allow less than what was requested."
      },
      footer = {
        "",
        "Example:",
        "  dropserver approvals approve 7f3a2c91 --url https://api.example.org/v1/ --methods GET"
      })
  void approve(
      @Mixin StateOption state,
      @Parameters(paramLabel = "ID", description = "See `dropserver approvals list`.") String id,
      @Option(
              names = "--url",
              paramLabel = "URL",
              description =
                  "Only this URL: the same origin, with a path. Or one line of a suggestion, such"
                      + " as browser:camera.")
          Optional<String> url,
      @Option(
              names = "--methods",
              paramLabel = "METHOD",
              split = ",",
              description = "Only these methods, separated by commas.")
          @Nullable List<String> methods,
      @Option(
              names = "--for",
              paramLabel = "TIME",
              description =
                  "Only for a time, such as 12h or 30d, or until a date, such as 2027-01-31.")
          Optional<String> time) {
    List<String> upper =
        methods == null
            ? List.of()
            : methods.stream().map(m -> m.toUpperCase(Locale.ROOT)).toList();
    context
        .server(state)
        .control()
        .approve(id, url, upper, time, CommitAuthor.of(context.terminal().environment()));
    context.print("allowed " + id + "; it applies once the commit is in service");
  }

  @Command(
      name = "deny",
      description =
          "Deny a request for good: commits the denial to the followed branch in your name.",
      footer = {"", "Example:", "  dropserver approvals deny 7f3a2c91"})
  void deny(
      @Mixin StateOption state,
      @Parameters(paramLabel = "ID", description = "See `dropserver approvals list`.") String id) {
    context.server(state).control().deny(id, CommitAuthor.of(context.terminal().environment()));
    context.print("denied " + id + "; the same request is not shown again");
  }

  @Command(
      name = "retry",
      description = "Write a request to Git again now, or request again after a denial.",
      footer = {"", "Example:", "  dropserver approvals retry 7f3a2c91"})
  void retry(
      @Mixin StateOption state,
      @Parameters(paramLabel = "ID", description = "See `dropserver approvals list`.") String id) {
    context.server(state).control().retryApproval(id);
    context.print("requesting again: " + id);
  }
}
