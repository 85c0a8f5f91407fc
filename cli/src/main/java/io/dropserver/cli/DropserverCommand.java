package io.dropserver.cli;

import io.dropserver.cli.backup.BackupOperations;
import io.dropserver.cli.command.CommandGroup;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.NameOf;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.object.ObjectName;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.control.ObjectStatus;
import io.dropserver.schema.instance.Kind;
import java.util.List;
import java.util.Optional;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/**
 * The root of the command tree, with the options of all commands, and the commands that consist of
 * one request. {@link Commands} adds all commands, in the order of the help.
 */
@Command(
    name = "dropserver",
    description = "A personal app host that follows a Git repository of YAML.",
    synopsisSubcommandLabel = "COMMAND",
    addMethodSubcommands = false,
    versionProvider = VersionCommand.Provider.class,
    footer = {
      "",
      "Exit codes: 0 done or no difference, 1 error, 2 a difference exists or a request is"
          + " waiting,",
      "3 the revision is in service, but an object is not ready (`sync --wait`).",
      "",
      "Example: serve an example instance",
      "  dropserver demo"
    })
final class DropserverCommand extends CommandGroup {
  private static final String CERTIFICATE = "certificate/";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version of this program.")
  boolean version;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Print a stack trace with each error.")
  boolean verbose;

  private final Context context;

  DropserverCommand(Context context) {
    this.context = context;
  }

  @Command(
      name = "suspend",
      description = "Stop following the repository; the current revision stays in service.",
      footer = {"", "Example:", "  dropserver suspend"})
  void suspend(@Mixin StateOption state) {
    context.server(state).control().suspend();
    context.print("suspended: pushes have no effect until `dropserver resume`");
  }

  @Command(
      name = "resume",
      description = "Resume following the repository.",
      footer = {"", "Example:", "  dropserver resume"})
  void resume(@Mixin StateOption state) {
    context.server(state).control().resume();
    context.print("resumed");
  }

  @Command(
      name = "retry",
      description = {
        "Retry one object or certificate now, without waiting for its backoff.",
        "Of an app or an appspace, versions that could not be installed are installed again."
      },
      footer = {
        "",
        "Examples: one appspace, all failed appspaces of an app, and the certificate of a host",
        "  dropserver retry appspace/notes",
        "  dropserver retry app/board",
        "  dropserver retry certificate/notes.home.example.org"
      })
  void retry(
      @Mixin StateOption state,
      @Parameters(
              paramLabel = "KIND/NAME",
              description = "The object, such as appspace/notes, or certificate/HOST.")
          String object) {
    ServerConnection server = context.server(state);
    if (object.startsWith(CERTIFICATE)) {
      server.control().retry("Certificate", object.substring(CERTIFICATE.length()));
      context.print("retried " + object + "; `dropserver status` shows its state");
      return;
    }
    ObjectName one = ObjectName.one(object, null);
    // A word without a kind names an object that the server knows.
    String kind = one.kind().map(Kind::text).orElseGet(() -> one.findOne(server).kind());
    String name = one.name().orElseThrow();
    server.control().retry(kind, name);
    server.view().objects(Optional.of(kind), Optional.of(name)).stream()
        .map(DropserverCommand::retried)
        .forEach(context::printLines);
  }

  private static String retried(ObjectStatus after) {
    String object = "retried " + after.kind() + "/" + after.name() + ": now ";
    if (after.ready()) {
      return object
          + (after.kind().equals(Kind.APP.text())
              ? "ready; `dropserver status` shows its appspaces"
              : "ready");
    }
    return "%snot ready, %s: %s%nAn attempt that takes more than 20 s continues; `dropserver status` shows its result."
        .formatted(object, after.reason(), after.message());
  }

  @Command(
      name = "pause",
      description = {
        "Pause an appspace on this machine, regardless of its state in Git.",
        "Use it if Git is not available; otherwise write `state: paused` in its document."
      },
      footer = {"", "Example:", "  dropserver pause notes"})
  void pause(
      @Mixin StateOption state,
      @Parameters(
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Name of the appspace.")
          String appspace) {
    context.server(state).control().pause(appspace);
    context.print("paused on this machine until `dropserver unpause " + appspace + "`");
  }

  @Command(
      name = "unpause",
      description = "End the pause of `dropserver pause`.",
      footer = {"", "Example:", "  dropserver unpause notes"})
  void unpause(
      @Mixin StateOption state,
      @Parameters(
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Name of the appspace.")
          String appspace) {
    context.server(state).control().unpause(appspace);
    context.print("no longer paused on this machine; its state in Git applies");
  }

  @Command(
      name = "confirm",
      description = "Confirm an operation that discards data of an appspace.",
      footer = {
        "",
        "An earlier version that cannot read the data of the later version needs data from its own",
        "time. `dropserver get appspace garden` names the snapshot and its time. Data that was",
        "written since then is first backed up, and then removed from the appspace.",
        "",
        "Example:",
        "  dropserver confirm garden --restore 7df77bd5"
      })
  int confirm(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Parameters(
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Name of the appspace.")
          String appspace,
      @Option(
              names = "--restore",
              required = true,
              paramLabel = "SNAPSHOT",
              description = "The snapshot to restore, or latest.")
          String snapshot) {
    BackupOrder order =
        new BackupOrder(
            BackupVerb.GO_BACK,
            Optional.of(appspace),
            Optional.of(snapshot),
            Optional.empty(),
            List.of());
    return BackupOperations.run(context, state, output, order);
  }

  @Command(
      name = "completion",
      description = "Print a script that makes bash and zsh complete commands and options.",
      footer = {
        "",
        "Example: for this shell, and for all later shells",
        "  source <(dropserver completion)",
        "  dropserver completion > ~/.local/share/bash-completion/completions/dropserver"
      })
  void completion() {
    context.terminal().out().print(AutoComplete.bash("dropserver", spec.commandLine()));
  }
}
