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

/** Subcommands by which a person decides on an egress request. */
final class ApprovalDecisions {
  private ApprovalDecisions() {}

  /**
   * Access to the server's socket is limited to users of this machine, so the decision is recorded
   * under their user name.
   */
  private static String person() {
    return System.getProperty("user.name", "somebody");
  }

  private static void print(Context context, String text) {
    context.terminal().out().println(VisibleText.line(text));
  }

  @Command(
      name = "approve",
      description = {
        "Allow it: commits the entry to the followed branch in your name.",
        "With --url or --methods less than what was asked for."
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

    @Option(names = "--url", paramLabel = "URL", description = "The same origin, with a path.")
    @Nullable String url;

    @Option(
        names = "--methods",
        paramLabel = "METHOD",
        split = ",",
        description = "Only these, with commas between.")
    List<String> methods = List.of();

    Approve(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      List<String> upper = methods.stream().map(m -> m.toUpperCase(Locale.ROOT)).toList();
      context.server(state).control().approve(id, Optional.ofNullable(url), upper, person());
      print(context, "allowed " + id + "; it counts once the commit is served");
      return ExitCode.OK;
    }
  }

  @Command(
      name = "deny",
      description = "A remembered no: commits it to the followed branch in your name.",
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
      print(context, "denied " + id + "; it is not asked again");
      return ExitCode.OK;
    }
  }

  @Command(
      name = "retry",
      description = "Write it back again now, or ask again after a no.",
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
      print(context, "asking again for " + id);
      return ExitCode.OK;
    }
  }
}
