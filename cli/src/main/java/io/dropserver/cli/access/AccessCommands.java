package io.dropserver.cli.access;

import io.dropserver.cli.command.Context;
import java.util.Map;
import java.util.function.Supplier;

/** The commands that decide on access: of users, and of apps to the internet. */
public final class AccessCommands {
  private AccessCommands() {}

  /** Returns what creates each command, by its name. */
  public static Map<String, Supplier<Object>> of(Context context) {
    return Map.of(
        "user",
        () -> new UserCommand(context),
        "approvals",
        () -> new ApprovalsCommand(context),
        "egress",
        () -> new EgressCommand(context));
  }
}
