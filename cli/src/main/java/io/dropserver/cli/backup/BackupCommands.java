package io.dropserver.cli.backup;

import io.dropserver.cli.command.Context;
import java.util.Map;
import java.util.function.Supplier;

/** The commands of data and backups. */
public final class BackupCommands {
  private BackupCommands() {}

  /** Returns what creates each command, by its name. */
  public static Map<String, Supplier<Object>> of(Context context) {
    return Map.of(
        "data",
        () -> new DataCommand(context),
        "backup",
        () -> new BackupCommand(context),
        "recover",
        () -> new RecoverCommand(context));
  }
}
