package io.dropserver.cli;

import io.dropserver.backup.BackupException;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.logging.Logging;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.Terminal;
import io.dropserver.control.ControlException;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.host.HostConfigException;
import io.dropserver.state.StateException;
import io.dropserver.web.control.ControlClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Prints an error as one sentence and a remedy, or logs both if the log is JSON. Prints the stack
 * trace only on request.
 */
record ErrorPrinter(Terminal terminal) {

  int ofParameters(ParameterException exception) {
    CommandLine command = exception.getCommandLine();
    print(exception.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(exception, command.getErr())) {
      remedy("see `" + command.getCommandSpec().qualifiedName() + " --help`");
    }
    return ExitCode.ERROR;
  }

  int ofExecution(Exception exception, boolean verbose) {
    if (verbose) {
      exception.printStackTrace(terminal.err());
    }
    switch (exception) {
      case CommandException expected -> {
        print(expected.getMessage());
        remedy(expected.remedy());
      }
      case ControlClient.NotRunning expected -> printNotRunning(expected);
      case ControlException expected -> print(expected.getMessage());
      case HostConfigException expected -> print(expected.getMessage());
      case SourceException expected -> print(expected.getMessage());
      case StateException expected -> print(expected.getMessage());
      case BackupException expected -> print(expected.getMessage());
      case SandboxException expected -> print(expected.getMessage());
      case UncheckedIOException io -> print(io.getMessage());
      case IOException io -> print(describe(io));
      default -> {
        print("unexpected error: " + exception);
        remedy("run the command again with --verbose and report its output");
      }
    }
    return ExitCode.ERROR;
  }

  private void printNotRunning(ControlClient.NotRunning exception) {
    print(exception.getMessage());
    boolean denied =
        exception.getCause() instanceof IOException cause
            && String.valueOf(cause.getMessage()).contains("Permission denied");
    remedy(
        denied
            ? "only the server's own user may connect to it; use sudo"
            : "start it with `dropserver run`, or name another folder with --state or $"
                + StateOption.VARIABLE);
  }

  private static String describe(IOException exception) {
    return switch (exception) {
      case NoSuchFileException e -> e.getFile() + " does not exist";
      case AccessDeniedException e -> e.getFile() + " may not be accessed by this user";
      default -> String.valueOf(exception.getMessage());
    };
  }

  private void print(@Nullable String message) {
    if (Logging.isJson()) {
      LoggerFactory.getLogger(ErrorPrinter.class).error("{}", message);
      return;
    }
    terminal
        .err()
        .println(
            terminal.paint(Terminal.Colour.RED, "error: ")
                + VisibleText.lines(String.valueOf(message)));
  }

  private void remedy(String remedy) {
    if (Logging.isJson()) {
      LoggerFactory.getLogger(ErrorPrinter.class).error("remedy: {}", remedy);
      return;
    }
    terminal.err().println("  → " + VisibleText.lines(remedy));
  }
}
