package io.dropserver.reconciler.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import picocli.CommandLine;

/** Assembles the command tree. */
final class Commands {
  private Commands() {}

  static CommandLine forTerminal(Terminal terminal) {
    return of(new Context(terminal, ServerConnection::toSocket, Clock.systemUTC()));
  }

  static CommandLine of(Context context) {
    DropserverCommand options = new DropserverCommand(context);
    CommandLine root = new CommandLine(options);
    root.addSubcommand(new StatusCommand(context))
        .addSubcommand(new GetCommand(context))
        .addSubcommand(new DescribeCommand(context))
        .addSubcommand(new EventsCommand(context))
        .addSubcommand(new LogsCommand(context))
        .addSubcommand(new HealthCommand(context))
        .addSubcommand(new SyncCommand(context))
        .addSubcommand(method("suspend"))
        .addSubcommand(method("resume"))
        .addSubcommand(method("retry"))
        .addSubcommand(method("pause"))
        .addSubcommand(method("unpause"))
        .addSubcommand(
            new CommandLine(new AppCommand())
                .addSubcommand(new AppAddCommand(context))
                .addSubcommand(new AppNewCommand(context))
                .addSubcommand(new AppCheckCommand(context))
                .addSubcommand(new AppPackCommand(context))
                .addSubcommand(new AppDevCommand(context)))
        .addSubcommand(new ApprovalsCommand(context))
        .addSubcommand(new UpdatesCommand(context))
        .addSubcommand(new UserCommand(context))
        .addSubcommand(new DataCommand(context))
        .addSubcommand(new BackupCommand(context))
        .addSubcommand(method("confirm"))
        .addSubcommand(new RecoverCommand(context))
        .addSubcommand(new EgressCommand(context))
        .addSubcommand(
            new CommandLine(new SecretCommand(context, SecretInput.ofProcess()))
                .addSubcommand(new SecretEncryptCommand(context))
                .addSubcommand(new SecretEditCommand(context))
                .addSubcommand(new SecretRotateCommand(context)))
        .addSubcommand(new DemoCommand(context))
        .addSubcommand(new RunCommand(context))
        .addSubcommand(new DoctorCommand(context))
        .addSubcommand(new InitCommand(context))
        .addSubcommand(new ValidateCommand(context))
        .addSubcommand("plan", new PlanCommand(context), "diff")
        .addSubcommand(new SchemaCommand(context))
        .addSubcommand(method("completion"))
        .addSubcommand(new VersionCommand(context))
        .addSubcommand(new TrainCommand());
    configure(root, context.terminal(), options);
    return root;
  }

  /** Returns a command of {@link DropserverCommand}. */
  private static CommandLine method(String name) {
    return new CommandLine(CommandLine.getCommandMethods(DropserverCommand.class, name).getFirst());
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
