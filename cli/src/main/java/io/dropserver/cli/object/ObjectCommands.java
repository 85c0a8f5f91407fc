package io.dropserver.cli.object;

import io.dropserver.cli.command.Context;
import java.util.Map;
import java.util.function.Supplier;

/** The commands that show the server and its objects, and synchronize them. */
public final class ObjectCommands {
  private ObjectCommands() {}

  /** Returns what creates each command, by its name. */
  public static Map<String, Supplier<Object>> of(Context context) {
    return Map.of(
        "status",
        () -> new StatusCommand(context),
        "get",
        () -> new GetCommand(context),
        "describe",
        () -> new DescribeCommand(context),
        "events",
        () -> new EventsCommand(context),
        "audit",
        () -> new AuditCommand(context),
        "usage",
        () -> new UsageCommand(context),
        "logs",
        () -> new LogsCommand(context),
        "health",
        () -> new HealthCommand(context),
        "sync",
        () -> new SyncCommand(context));
  }
}
