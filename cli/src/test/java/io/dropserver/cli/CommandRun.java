package io.dropserver.cli;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.function.Function;

/** One command that was run inside this process, and its result. */
public record CommandRun(int exitCode, String out, String err) {
  public static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

  public static CommandRun of(FakeServer server, String... arguments) {
    return run(
        folder ->
            new ServerConnection(server, server, server, server, server.secrets, server.updates),
        false,
        arguments);
  }

  /** Uses a real connector, so no server answers unless one is running. */
  public static CommandRun alone(String... arguments) {
    return run(ServerConnection::toSocket, false, arguments);
  }

  public static CommandRun with(Map<String, String> environment, String... arguments) {
    return run(ServerConnection::toSocket, false, environment, arguments);
  }

  public static CommandRun onTerminal(FakeServer server, String... arguments) {
    return run(
        folder ->
            new ServerConnection(server, server, server, server, server.secrets, server.updates),
        true,
        arguments);
  }

  private static CommandRun run(
      Function<Path, ServerConnection> connector, boolean interactive, String... arguments) {
    return run(
        connector,
        interactive,
        Map.of(StateOption.VARIABLE, Path.of("no-such-state").toString()),
        arguments);
  }

  private static CommandRun run(
      Function<Path, ServerConnection> connector,
      boolean interactive,
      Map<String, String> environment,
      String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            environment,
            interactive);
    Context context = new Context(terminal, connector, Clock.fixed(NOW, ZoneOffset.UTC));
    int exitCode = Commands.of(context, arguments).execute(arguments);
    return new CommandRun(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
