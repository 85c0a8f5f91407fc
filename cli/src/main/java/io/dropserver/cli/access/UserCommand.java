package io.dropserver.cli.access;

import io.dropserver.cli.command.CommandGroup;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.NameOf;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.CredentialStatus;
import io.dropserver.control.EndedAccess;
import io.dropserver.control.SessionStatus;
import io.dropserver.control.UserControl;
import io.dropserver.control.UserStatus;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "user",
    description = "Manage how users log in: one-time links, credentials and sessions.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "The repository declares users. Their credentials are only on the server.",
      "",
      "Example:",
      "  dropserver user enroll alice"
    })
final class UserCommand extends CommandGroup {
  private final Context context;

  UserCommand(Context context) {
    this.context = context;
  }

  private static UserStatus find(UserControl users, String name) {
    return users.users().stream()
        .filter(user -> user.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException(
                    "there is no user " + name + " in service",
                    "`dropserver user list` lists them"));
  }

  @Command(
      name = "list",
      description =
          "List users, how they can log in, when they were last active, and unused login links.",
      footer = {"", "Example:", "  dropserver user list"})
  int list(@Mixin StateOption state, @Mixin OutputOption output) {
    List<UserStatus> users = context.server(state).users().users();
    return output.print(
        context.terminal(),
        "users",
        users,
        new Table(
            "NAME", "DISPLAY NAME", "ROLE", "PASSWORD", "PASSKEYS", "LAST SEEN", "LINK UNTIL"),
        (table, user) -> {
          Optional<Instant> seen =
              user.sessions().stream().map(SessionStatus::used).max(Comparator.naturalOrder());
          table.row(
              Cell.of(user.name()),
              Cell.of(user.displayName()),
              Cell.of(user.role()),
              Cell.of(count(user, "password") > 0 ? "yes" : "no"),
              Cell.of(Long.toString(count(user, "passkey"))),
              Cell.of(seen.map(at -> TimeText.ago(at, context.clock())).orElse("")),
              Cell.of(user.linkUntil().map(TimeText::local).orElse("")));
        });
  }

  private static long count(UserStatus user, String kind) {
    return user.credentials().stream().filter(each -> each.kind().equals(kind)).count();
  }

  @Command(
      name = "enroll",
      aliases = "enrol",
      description =
          "Print a link that logs a user in once, within 24 hours, to choose how to log in.",
      footer = {"", "Example:", "  dropserver user enroll alice"})
  void enroll(
      @Mixin StateOption state,
      @Parameters(
              paramLabel = "USER",
              converter = NameOf.AUser.class,
              description = "The user's name in the repository.")
          String name) {
    String url = context.server(state).users().enroll(name, false);
    context
        .terminal()
        .err()
        .println("give this link only to the user: it works once, within 24 hours");
    context.print(url);
  }

  @Command(
      name = "credentials",
      description =
          "List a user's password and passkeys; with --remove, delete one of them permanently.",
      footer = {
        "",
        "Example:",
        "  dropserver user credentials alice",
        "  dropserver user credentials alice --remove password"
      })
  int credentials(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Parameters(
              paramLabel = "USER",
              converter = NameOf.AUser.class,
              description = "The user's name in the repository.")
          String name,
      @Option(
              names = "--remove",
              paramLabel = "ID",
              description =
                  "Delete this credential, and end all sessions and an unused link of the user.")
          Optional<String> remove) {
    UserControl users = context.server(state).users();
    if (remove.isPresent()) {
      EndedAccess ended = users.forget(name, remove.get());
      context.terminal().out().println("removed; " + text(ended));
      return ExitCode.OK;
    }
    List<CredentialStatus> credentials = find(users, name).credentials();
    return output.print(
        context.terminal(),
        "credentials",
        credentials,
        new Table("ID", "KIND", "LABEL", "SINCE", "LAST USED"),
        (table, each) ->
            table.row(
                Cell.of(each.id()),
                Cell.of(each.kind()),
                Cell.of(each.label()),
                Cell.of(TimeText.ago(each.created(), context.clock())),
                Cell.of(each.used().map(at -> TimeText.ago(at, context.clock())).orElse(""))));
  }

  @Command(
      name = "sessions",
      description = "List the sessions of a user.",
      footer = {"", "Example:", "  dropserver user sessions alice"})
  int sessions(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Parameters(
              paramLabel = "USER",
              converter = NameOf.AUser.class,
              description = "The user's name in the repository.")
          String name) {
    List<SessionStatus> sessions = find(context.server(state).users(), name).sessions();
    return output.print(
        context.terminal(),
        "sessions",
        sessions,
        new Table("ID", "BY", "FROM", "SINCE", "LAST USED", "BROWSER"),
        (table, each) ->
            table.row(
                Cell.of(each.id()),
                Cell.of(each.method()),
                Cell.of(each.address()),
                Cell.of(TimeText.ago(each.created(), context.clock())),
                Cell.of(TimeText.ago(each.used(), context.clock())),
                Cell.of(each.agent())));
  }

  @Command(
      name = "revoke",
      description = {
        "End a user's sessions, and invalidate unused one-time links.",
        "Open pages are logged out immediately, including appspaces."
      },
      footer = {
        "",
        "Example:",
        "  dropserver user revoke alice",
        "  dropserver user revoke alice --session ID"
      })
  void revoke(
      @Mixin StateOption state,
      @Parameters(
              paramLabel = "USER",
              converter = NameOf.AUser.class,
              description = "The user's name.")
          String name,
      @Option(names = "--session", paramLabel = "ID", description = "Only this session.")
          Optional<String> session) {
    context.terminal().out().println(text(context.server(state).users().revoke(name, session)));
  }

  private static String text(EndedAccess ended) {
    return "ended %s and %s"
        .formatted(count(ended.sessions(), "session"), count(ended.links(), "unused login link"));
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
