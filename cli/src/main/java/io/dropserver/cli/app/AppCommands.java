package io.dropserver.cli.app;

import io.dropserver.cli.command.Context;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;

/** The commands of apps. */
public final class AppCommands {
  private AppCommands() {}

  /**
   * Returns what creates each command, by its name.
   *
   * @param dev creates {@code app dev}
   */
  public static Map<String, Supplier<Object>> of(Context context, Supplier<Object> dev) {
    return Map.of("app", () -> app(context, dev), "updates", () -> new UpdatesCommand(context));
  }

  private static CommandLine app(Context context, Supplier<Object> dev) {
    return new CommandLine(new AppCommand())
        .addSubcommand(new AppAddCommand(context))
        .addSubcommand(new AppNewCommand(context))
        .addSubcommand(new AppCheckCommand(context))
        .addSubcommand(new AppPackCommand(context))
        .addSubcommand(dev.get())
        .addSubcommand(new AppRulesCommand(context));
  }
}
