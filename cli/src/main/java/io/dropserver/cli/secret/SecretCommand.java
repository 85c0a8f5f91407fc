package io.dropserver.cli.secret;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.CommandGroup;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.NameOf;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.Terminal.Colour;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.SecretState;
import io.dropserver.control.SecretStatus;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "secret",
    description =
        "Secrets that the gateway adds to an appspace's requests, and that its app cannot read.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "A whitelist entry names the header: headers: {Authorization: \"Bearer $${secret:NAME}\"}",
      "",
      "Example:",
      "  dropserver secret list"
    })
final class SecretCommand extends CommandGroup {
  private final Context context;
  private final SecretInput input;

  SecretCommand(Context context, SecretInput input) {
    this.context = context;
    this.input = input;
  }

  @Command(
      name = "set",
      description = {
        "Set or replace a secret: prompts for it without echo, or reads standard input.",
        "The secret is used from the next request on, and never shown again."
      },
      footer = {"", "Example:", "  dropserver secret set garden owm < key.txt"})
  void set(
      @Mixin StateOption state,
      @Parameters(
              index = "0",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Name of the appspace.")
          String appspace,
      @Parameters(
              index = "1",
              paramLabel = "NAME",
              description = "Name of the secret, as in the whitelist.")
          String name)
      throws IOException {
    ServerConnection server = context.server(state);
    // Fail before the user types a secret for an appspace that does not exist.
    server.secrets().secrets(Optional.of(appspace));
    String value = input.read("The secret " + VisibleText.line(name));
    if (value.isEmpty()) {
      throw new CommandException(
          "no secret was given", "type it, or pass it on standard input; nothing was changed");
    }
    server.secrets().set(appspace, name, value);
    context.print("the secret " + name + " of " + appspace + " is set");
  }

  @Command(
      name = "list",
      description = "List the names of secrets and whether they are set, never a value.",
      footer = {"", "Example:", "  dropserver secret list garden -o json"})
  int list(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Parameters(
              arity = "0..1",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Only secrets of this appspace.")
          Optional<String> appspace) {
    List<SecretStatus> secrets = context.server(state).secrets().secrets(appspace);
    return output.print(
        context.terminal(),
        "secrets",
        secrets,
        new Table("APPSPACE", "NAME", "STATE", "SET", "USED BY"),
        (table, secret) -> {
          String word = secret.state().name().toLowerCase(Locale.ROOT);
          boolean usable =
              secret.state() == SecretState.SET || secret.state() == SecretState.DECLARED;
          table.row(
              Cell.of(secret.appspace()),
              Cell.of(secret.name()),
              usable ? Cell.of(word) : Cell.of(word, Colour.YELLOW),
              Cell.of(secret.setAt().map(at -> TimeText.ago(at, context.clock())).orElse("")),
              Cell.of(String.join(" ", secret.usedBy())));
        });
  }

  @Command(
      name = "remove",
      description = "Remove a secret: requests that need it are refused from now on.",
      footer = {"", "Example:", "  dropserver secret remove garden owm"})
  void remove(
      @Mixin StateOption state,
      @Parameters(
              index = "0",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Name of the appspace.")
          String appspace,
      @Parameters(index = "1", paramLabel = "NAME", description = "See `dropserver secret list`.")
          String name) {
    context.server(state).secrets().remove(appspace, name);
    context.print("the secret " + name + " of " + appspace + " is removed");
  }
}
