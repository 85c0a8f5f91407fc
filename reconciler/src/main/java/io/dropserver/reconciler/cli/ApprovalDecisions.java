package io.dropserver.reconciler.cli;

import io.dropserver.schema.text.VisibleText;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Subcommands that decide on an egress request. */
final class ApprovalDecisions {
  private ApprovalDecisions() {}

  /**
   * Returns the name under which a decision is recorded: the user name on this machine, because
   * only local users can access the server's socket.
   */
  private static String person() {
    return System.getProperty("user.name", "unknown");
  }

  private static void print(Context context, String text) {
    context.terminal().out().println(VisibleText.line(text));
  }

  @Command(
      name = "approve",
      description = {
        "Allow a request: commits the entry to the followed branch in your name.",
        "With --url or --methods, allow less than what was requested."
      },
      footer = {
        "",
        "Example:",
        "  dropserver approvals approve 7f3a2c91 --url https://api.example.org/v1/ --methods GET"
      })
  static final class Approve implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    @Parameters(paramLabel = "ID", description = "See `dropserver approvals list`.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String id;

    @Option(
        names = "--url",
        paramLabel = "URL",
        description = "Only this URL: the same origin, with a path.")
    @Nullable String url;

    @Option(
        names = "--methods",
        paramLabel = "METHOD",
        split = ",",
        description = "Only these methods, separated by commas.")
    List<String> methods = List.of();

    Approve(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      List<String> upper = methods.stream().map(m -> m.toUpperCase(Locale.ROOT)).toList();
      context.server(state).control().approve(id, Optional.ofNullable(url), upper, person());
      print(context, "allowed " + id + "; it applies once the commit is in service");
      return ExitCode.OK;
    }
  }

  @Command(
      name = "deny",
      description =
          "Deny a request for good: commits the denial to the followed branch in your name.",
      footer = {"", "Example:", "  dropserver approvals deny 7f3a2c91"})
  static final class Deny implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    @Parameters(paramLabel = "ID", description = "See `dropserver approvals list`.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String id;

    Deny(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.server(state).control().deny(id, person());
      print(context, "denied " + id + "; the same request is not shown again");
      return ExitCode.OK;
    }
  }

  @Command(
      name = "retry",
      description = "Write a request to Git again now, or request again after a denial.",
      footer = {"", "Example:", "  dropserver approvals retry 7f3a2c91"})
  static final class Retry implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    @Parameters(paramLabel = "ID", description = "See `dropserver approvals list`.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String id;

    Retry(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.server(state).control().retryApproval(id);
      print(context, "requesting again: " + id);
      return ExitCode.OK;
    }
  }
}
