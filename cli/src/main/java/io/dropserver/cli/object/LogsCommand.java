package io.dropserver.cli.object;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.NameOf;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.LogLine;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "logs",
    description = "Show the output of an appspace's app.",
    footer = {
      "",
      "Example: stored lines, the last ones and then new ones, and errors of the last hour",
      "  dropserver logs notes",
      "  dropserver logs notes --tail 20 -f",
      "  dropserver logs notes --since 1h --grep 'error|failed'",
      "  dropserver logs notes -o json | jq -r .text"
    })
final class LogsCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(
      paramLabel = "APPSPACE",
      converter = NameOf.AnAppspace.class,
      description = "Name of the appspace.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String appspace;

  @Option(
      names = {"-f", "--follow"},
      description = "Follow new lines until interrupted.")
  boolean follow;

  @Option(names = "--tail", paramLabel = "N", description = "Only the last N stored lines.")
  @Nullable Integer tail;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Only lines since a duration ago, such as 10m, or since 2026-11-25T10:00:00Z.")
  @Nullable String since;

  @Option(
      names = "--grep",
      paramLabel = "REGEX",
      description = "Only lines in which this regular expression is found.")
  @Nullable String regex;

  LogsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    if (tail != null && tail < 0) {
      throw new CommandException("--tail " + tail + " is negative", "write a number from 0");
    }
    Predicate<LogLine> wanted = sinceFilter().and(grepFilter());
    ServerConnection server = context.server(state);
    if (tail == null) {
      server.view().logs(appspace, follow, line -> print(line, wanted));
      return ExitCode.OK;
    }
    LogTail stored = new LogTail(tail, wanted);
    server.view().logs(appspace, false, stored::add);
    stored.lines().forEach(this::print);
    if (follow) {
      server
          .view()
          .logs(
              appspace,
              true,
              line -> {
                if (stored.isNew(line)) {
                  print(line, wanted);
                }
              });
    }
    return ExitCode.OK;
  }

  private Predicate<LogLine> sinceFilter() {
    if (since == null) {
      return line -> true;
    }
    Instant start = TimeText.since(since, context.clock());
    return line -> !line.time().isBefore(start);
  }

  private Predicate<LogLine> grepFilter() {
    if (regex == null) {
      return line -> true;
    }
    try {
      Pattern pattern = Pattern.compile(regex);
      return line -> pattern.matcher(line.text()).find();
    } catch (PatternSyntaxException e) {
      throw new CommandException(
          "--grep " + regex + " is not a regular expression: " + e.getDescription(),
          "escape characters such as [ and ( with a backslash",
          e);
    }
  }

  private void print(LogLine line, Predicate<LogLine> wanted) {
    if (wanted.test(line)) {
      print(line);
    }
  }

  private void print(LogLine line) {
    boolean warning = line.stream().equals("stderr");
    output.printNext(
        context.terminal(),
        line,
        () -> context.terminal().printLine(line.time(), VisibleText.lines(line.text()), warning));
  }
}
