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
        .addSubcommand(app(context))
        .addSubcommand(approvals(context))
        .addSubcommand(user(context))
        .addSubcommand(data(context))
        .addSubcommand(backup(context))
        .addSubcommand(new ConfirmCommand(context))
        .addSubcommand(new RecoverCommand(context))
        .addSubcommand(egress(context))
        .addSubcommand(secret(context))
        .addSubcommand(new DemoCommand(context))
        .addSubcommand(new RunCommand(context))
        .addSubcommand(new DoctorCommand(context))
        .addSubcommand(new InitCommand(context))
        .addSubcommand(new ValidateCommand(context))
        .addSubcommand(new PlanCommand(context))
        .addSubcommand(schema(context))
        .addSubcommand(new CompletionCommand(context))
        .addSubcommand(new VersionCommand(context))
        .addSubcommand(new TrainCommand());
    configure(root, context.terminal(), options);
    return root;
  }

  private static CommandLine app(Context context) {
    return new CommandLine(new AppCommand()).addSubcommand(new AppAddCommand(context));
  }

  private static CommandLine approvals(Context context) {
    return new CommandLine(new ApprovalsCommand())
        .addSubcommand(new ApprovalsCommand.ListRequests(context))
        .addSubcommand(new ApprovalsCommand.Show(context))
        .addSubcommand(new ApprovalDecisions.Approve(context))
        .addSubcommand(new ApprovalDecisions.Deny(context))
        .addSubcommand(new ApprovalDecisions.Retry(context));
  }

  private static CommandLine user(Context context) {
    return new CommandLine(new UserCommand())
        .addSubcommand(new UserCommand.ListUsers(context))
        .addSubcommand(new UserCommand.Enroll(context))
        .addSubcommand(new UserCommand.Credentials(context))
        .addSubcommand(new UserCommand.Sessions(context))
        .addSubcommand(new UserCommand.Revoke(context));
  }

  private static CommandLine data(Context context) {
    return new CommandLine(new DataCommand())
        .addSubcommand(new DataCommand.ListRetained(context))
        .addSubcommand(new DataCommand.Adopt(context))
        .addSubcommand(new DataCommand.Discard(context));
  }

  private static CommandLine backup(Context context) {
    return new CommandLine(new BackupCommand())
        .addSubcommand(new BackupCommand.Now(context))
        .addSubcommand(new BackupCommand.ListBackups(context))
        .addSubcommand(new BackupCommand.Verify(context))
        .addSubcommand(new BackupCommand.Restore(context))
        .addSubcommand(new BackupCommand.Export(context))
        .addSubcommand(new BackupCommand.Import(context))
        .addSubcommand(new BackupCommand.PrintRecoveryKit(context));
  }

  private static CommandLine egress(Context context) {
    return new CommandLine(new EgressCommand())
        .addSubcommand(new EgressCommand.Log(context))
        .addSubcommand(new EgressCommand.ListUse(context));
  }

  private static CommandLine secret(Context context) {
    return new CommandLine(new SecretCommand())
        .addSubcommand(new SecretCommand.SetSecret(context, SecretInput.ofProcess()))
        .addSubcommand(new SecretCommand.ListSecrets(context))
        .addSubcommand(new SecretCommand.Remove(context));
  }

  private static CommandLine schema(Context context) {
    return new CommandLine(new SchemaCommand()).addSubcommand(new SchemaCommand.Export(context));
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
