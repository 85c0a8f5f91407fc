package io.dropserver.cli.run;

import io.dropserver.cli.command.Context;
import java.util.Map;
import java.util.function.Supplier;

/** The commands that run a server. */
public final class RunCommands {
  private RunCommands() {}

  /** Returns what creates each command, by its name. */
  public static Map<String, Supplier<Object>> of(Context context) {
    return Map.of(
        "demo",
        () -> new DemoCommand(context),
        "run",
        () -> new RunCommand(context),
        "train",
        () -> new TrainCommand());
  }
}
