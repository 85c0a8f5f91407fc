package io.dropserver.reconciler.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import picocli.CommandLine;

/** Assembles the command tree. */
final class Commands {
  private Commands() {}

  static CommandLine forTerminal(Terminal terminal) {
    return of(new Context(terminal, new SocketConnector(), Clock.systemUTC()));
  }

  static CommandLine of(Context context) {
    DropserverCommand options = new DropserverCommand();
    CommandLine root = new CommandLine(options);
    root.addSubcommand(new StatusCommand(context))
        .addSubcommand(new GetCommand(context))
        .addSubcommand(new EventsCommand(context))
        .addSubcommand(new LogsCommand(context))
        .addSubcommand(new SyncCommand(context))
        .addSubcommand(new ControlCommands.Suspend(context))
        .addSubcommand(new ControlCommands.Resume(context))
        .addSubcommand(new ControlCommands.Retry(context))
        .addSubcommand(new ControlCommands.Pause(context))
        .addSubcommand(new ControlCommands.Unpause(context))
        .addSubcommand(new CommandLine(new AppCommand()).addSubcommand(new AppAddCommand(context)))
        .addSubcommand(new ApprovalsCommand(context))
        .addSubcommand(new UserCommand(context))
        .addSubcommand(new DataCommand(context))
        .addSubcommand(new BackupCommand(context))
        .addSubcommand(new ConfirmCommand(context))
        .addSubcommand(new RecoverCommand(context))
        .addSubcommand(new EgressCommand(context))
        .addSubcommand(new SecretCommand(context, SecretInput.ofProcess()))
        .addSubcommand(new DemoCommand(context))
        .addSubcommand(new RunCommand(context))
        .addSubcommand(new DoctorCommand(context))
        .addSubcommand(new InitCommand(context))
        .addSubcommand(new ValidateCommand(context))
        .addSubcommand(new PlanCommand(context))
        .addSubcommand(new SchemaCommand(context))
        .addSubcommand(new CompletionCommand(context))
        .addSubcommand(new VersionCommand(context))
        .addSubcommand(new TrainCommand());
    configure(root, context.terminal(), options);
    return root;
  }

  private static void configure(CommandLine root, Terminal terminal, DropserverCommand options) {
    ErrorPrinter errorPrinter = new ErrorPrinter(terminal);
    root.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                terminal.colour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
        .setUsageHelpWidth(100)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(
            (exception, arguments) -> errorPrinter.ofParameters(exception))
        .setExecutionExceptionHandler(
            (exception, command, result) -> errorPrinter.ofExecution(exception, options.verbose));
  }
}
