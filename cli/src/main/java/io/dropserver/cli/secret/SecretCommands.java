package io.dropserver.cli.secret;

import io.dropserver.cli.command.Context;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;

/** The commands of secrets. */
public final class SecretCommands {
  private SecretCommands() {}

  /** Returns what creates each command, by its name. */
  public static Map<String, Supplier<Object>> of(Context context) {
    return Map.of("secret", () -> secret(context));
  }

  private static CommandLine secret(Context context) {
    return new CommandLine(new SecretCommand(context, SecretInput.ofProcess()))
        .addSubcommand(new SecretEncryptCommand(context))
        .addSubcommand(new SecretEditCommand(context))
        .addSubcommand(new SecretRotateCommand(context));
  }
}
