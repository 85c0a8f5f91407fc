package io.dropserver.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Assembles the command tree. */
final class Commands {
  /** The commands that use the whole tree. */
  private static final Set<String> OF_THE_TREE = Set.of("completion", "manual", "train");

  private Commands() {}

  /** Returns the commands of a process, see {@link #of(Context, String...)}. */
  static CommandLine forTerminal(Terminal terminal, String... arguments) {
    return of(new Context(terminal, ServerConnection::toSocket, Clock.systemUTC()), arguments);
  }

  /**
   * Returns the root with the command that the first argument names, or with all commands if it
   * names none. Many commands take less time than the assembly of all.
   */
  static CommandLine of(Context context, String... arguments) {
    DropserverCommand options = new DropserverCommand(context);
    CommandLine root = new CommandLine(options);
    Map<String, Supplier<CommandLine>> commands = commands(context);
    Stream.of(arguments)
        .limit(1)
        .filter(name -> !OF_THE_TREE.contains(name))
        .flatMap(name -> Stream.ofNullable(commands.get(name)))
        .findFirst()
        .map(List::of)
        .orElse(List.copyOf(commands.values()))
        .forEach(command -> root.addSubcommand(command.get()));
    configure(root, context.terminal(), options);
    return root;
  }

  /** Returns what creates each command, by its name and in the order of the help. */
  private static Map<String, Supplier<CommandLine>> commands(Context context) {
    Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
    commands.put("status", () -> new CommandLine(new StatusCommand(context)));
    commands.put("get", () -> new CommandLine(new GetCommand(context)));
    commands.put("describe", () -> new CommandLine(new DescribeCommand(context)));
    commands.put("events", () -> new CommandLine(new EventsCommand(context)));
    commands.put("audit", () -> new CommandLine(new AuditCommand(context)));
    commands.put("usage", () -> new CommandLine(new UsageCommand(context)));
    commands.put("logs", () -> new CommandLine(new LogsCommand(context)));
    commands.put("health", () -> new CommandLine(new HealthCommand(context)));
    commands.put("sync", () -> new CommandLine(new SyncCommand(context)));
    for (String name : List.of("suspend", "resume", "retry", "pause", "unpause")) {
      commands.put(name, () -> method(name));
    }
    commands.put("app", () -> app(context));
    commands.put("approvals", () -> new CommandLine(new ApprovalsCommand(context)));
    commands.put("updates", () -> new CommandLine(new UpdatesCommand(context)));
    commands.put("user", () -> new CommandLine(new UserCommand(context)));
    commands.put("data", () -> new CommandLine(new DataCommand(context)));
    commands.put("backup", () -> new CommandLine(new BackupCommand(context)));
    commands.put("confirm", () -> method("confirm"));
    commands.put("recover", () -> new CommandLine(new RecoverCommand(context)));
    commands.put("egress", () -> new CommandLine(new EgressCommand(context)));
    commands.put("secret", () -> secret(context));
    commands.put("demo", () -> new CommandLine(new DemoCommand(context)));
    commands.put("run", () -> new CommandLine(new RunCommand(context)));
    commands.put("doctor", () -> new CommandLine(new DoctorCommand(context)));
    commands.put("init", () -> new CommandLine(new InitCommand(context)));
    commands.put("validate", () -> new CommandLine(new ValidateCommand(context)));
    commands.put("plan", () -> new CommandLine(new PlanCommand(context)));
    commands.put("explain", () -> new CommandLine(new ExplainCommand(context)));
    commands.put("schema", () -> new CommandLine(new SchemaCommand(context)));
    commands.put("completion", () -> method("completion"));
    commands.put("manual", () -> new CommandLine(new ManualCommand(context)));
    commands.put("version", () -> new CommandLine(new VersionCommand(context)));
    commands.put("train", () -> new CommandLine(new TrainCommand()));
    return commands;
  }

  private static CommandLine app(Context context) {
    return new CommandLine(new AppCommand())
        .addSubcommand(new AppAddCommand(context))
        .addSubcommand(new AppNewCommand(context))
        .addSubcommand(new AppCheckCommand(context))
        .addSubcommand(new AppPackCommand(context))
        .addSubcommand(new AppDevCommand(context))
        .addSubcommand(new AppRulesCommand(context));
  }

  private static CommandLine secret(Context context) {
    return new CommandLine(new SecretCommand(context, SecretInput.ofProcess()))
        .addSubcommand(new SecretEncryptCommand(context))
        .addSubcommand(new SecretEditCommand(context))
        .addSubcommand(new SecretRotateCommand(context));
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
