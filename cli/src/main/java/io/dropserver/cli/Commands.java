package io.dropserver.cli;

import io.dropserver.cli.access.AccessCommands;
import io.dropserver.cli.app.AppCommands;
import io.dropserver.cli.backup.BackupCommands;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.dev.AppDevCommand;
import io.dropserver.cli.doctor.DoctorCommand;
import io.dropserver.cli.object.ObjectCommands;
import io.dropserver.cli.output.Terminal;
import io.dropserver.cli.repository.RepositoryCommands;
import io.dropserver.cli.run.RunCommands;
import io.dropserver.cli.secret.SecretCommands;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Assembles the command tree. */
final class Commands {
  /** The commands that use the whole tree. */
  private static final Set<String> OF_THE_TREE = Set.of("completion", "manual", "train");

  /** All commands, in the order of the help. */
  private static final List<String> ORDER =
      List.of(
          ("status get describe events audit usage logs health sync suspend resume retry pause"
                  + " unpause app approvals updates user data backup confirm recover egress secret"
                  + " demo run doctor init validate plan explain schema completion manual version"
                  + " train")
              .split(" "));

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
    Map<String, Supplier<Object>> commands = commands(context);
    Stream.of(arguments)
        .limit(1)
        .filter(name -> !OF_THE_TREE.contains(name) && ORDER.contains(name))
        .findFirst()
        .map(List::of)
        .orElse(ORDER)
        .forEach(name -> root.addSubcommand(Objects.requireNonNull(commands.get(name)).get()));
    configure(root, context.terminal(), options);
    return root;
  }

  /** Returns what creates each command, by its name. */
  private static Map<String, Supplier<Object>> commands(Context context) {
    Map<String, Supplier<Object>> commands = new HashMap<>();
    commands.putAll(ObjectCommands.of(context));
    commands.putAll(AccessCommands.of(context));
    commands.putAll(AppCommands.of(context, () -> new AppDevCommand(context)));
    commands.putAll(BackupCommands.of(context));
    commands.putAll(SecretCommands.of(context));
    commands.putAll(RepositoryCommands.of(context));
    commands.putAll(RunCommands.of(context));
    commands.put("doctor", () -> new DoctorCommand(context));
    commands.put("manual", () -> new ManualCommand(context));
    commands.put("version", () -> new VersionCommand(context));
    for (String name :
        List.of("suspend", "resume", "retry", "pause", "unpause", "confirm", "completion")) {
      commands.put(name, () -> method(name));
    }
    return commands;
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
