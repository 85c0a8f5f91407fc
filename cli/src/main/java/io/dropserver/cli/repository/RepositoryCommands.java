package io.dropserver.cli.repository;

import io.dropserver.cli.command.Context;
import java.util.Map;
import java.util.function.Supplier;

/** The commands for an instance repository on the user's machine. */
public final class RepositoryCommands {
  private RepositoryCommands() {}

  /** Returns what creates each command, by its name. */
  public static Map<String, Supplier<Object>> of(Context context) {
    return Map.of(
        "init",
        () -> new InitCommand(context),
        "validate",
        () -> new ValidateCommand(context),
        "plan",
        () -> new PlanCommand(context),
        "explain",
        () -> new ExplainCommand(context),
        "schema",
        () -> new SchemaCommand(context));
  }
}
