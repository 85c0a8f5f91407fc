package io.dropserver.cli.backup;

import io.dropserver.base.text.Sizes;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.CommandGroup;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.NameOf;
import io.dropserver.cli.command.RepositoryOption;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.BackupEntry;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.control.Erasure;
import io.dropserver.control.RecoveryKit;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "backup",
    description = "Make, list, verify, restore, export, import and erase backups of appspaces.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "The repository contains the schedule and how many backups are kept: backup in",
      "an Appspace, defaults.backup in the Instance.",
      "",
      "Example:",
      "  dropserver backup now garden"
    })
final class BackupCommand extends CommandGroup {
  private final Context context;

  BackupCommand(Context context) {
    this.context = context;
  }

  @Command(
      name = "now",
      description = "Make a backup of one appspace, or of all appspaces and the server itself.",
      footer = {
        "",
        "Example:",
        "  dropserver backup now garden",
        "  dropserver backup now -o json"
      })
  int now(
      @Mixin StateOption state,
      @Mixin RepositoryOption in,
      @Mixin OutputOption output,
      @Parameters(
              arity = "0..1",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Name of the appspace (default: all).")
          Optional<String> appspace) {
    BackupOrder order =
        new BackupOrder(BackupVerb.NOW, appspace, Optional.empty(), Optional.empty(), List.of());
    return BackupOperations.run(context, state, output, order.in(in.name()));
  }

  @Command(
      name = "list",
      description = "List the backups in the repository, newest first.",
      footer = {"", "Example:", "  dropserver backup list garden"})
  int list(
      @Mixin StateOption state,
      @Mixin RepositoryOption in,
      @Mixin OutputOption output,
      @Parameters(
              arity = "0..1",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Only backups of this appspace.")
          Optional<String> appspace) {
    List<BackupEntry> entries =
        context.server(state).backups().backups(in.name()).stream()
            .filter(entry -> appspace.isEmpty() || entry.appspace().equals(appspace.get()))
            .toList();
    return output.print(
        context.terminal(),
        "backups",
        entries,
        new Table("SNAPSHOT", "APPSPACE", "APP", "OWNER", "TAKEN", "SIZE", "VERIFIED"),
        (table, entry) ->
            table.row(
                Cell.of(entry.snapshot()),
                Cell.of(entry.appspace().isEmpty() ? "(server)" : entry.appspace()),
                Cell.of(entry.app()),
                Cell.of(entry.owner()),
                Cell.of(TimeText.ago(entry.time(), context.clock())),
                Cell.of(Sizes.text(entry.bytes())),
                Cell.of(
                    entry.verifiedAt().map(at -> TimeText.ago(at, context.clock())).orElse("-"))));
  }

  @Command(
      name = "verify",
      description = "Restore a sample of a backup and compare it with what was backed up.",
      footer = {
        "",
        "With a snapshot, also reads every byte of it. Without one, verifies the newest backup of",
        "each appspace. With --repository, reads and checks the whole repository.",
        "",
        "Example:",
        "  dropserver backup verify 7df77bd5",
        "  dropserver backup verify latest --of garden"
      })
  int verify(
      @Mixin StateOption state,
      @Mixin RepositoryOption in,
      @Mixin OutputOption output,
      @Parameters(
              arity = "0..1",
              paramLabel = "SNAPSHOT",
              description = "See `backup list`; or latest, with --of.")
          Optional<String> snapshot,
      @Option(
              names = "--of",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "The appspace that `latest` refers to.")
          Optional<String> of,
      @Option(names = "--repository", description = "Read and check the whole repository.")
          boolean repository) {
    requireAppspace(snapshot, of);
    BackupOrder order =
        new BackupOrder(
            repository ? BackupVerb.CHECK : BackupVerb.VERIFY,
            of,
            snapshot,
            Optional.empty(),
            List.of());
    return BackupOperations.run(context, state, output, order.in(in.name()));
  }

  @Command(
      name = "restore",
      description = "Restore data into its appspace, into another appspace, or into a folder.",
      footer = {
        "",
        "The appspace is stopped only for the swap. Its current data is first backed up and then",
        "retained (`dropserver data list`). At any instant it has either the old or the new data.",
        "",
        "Example:",
        "  dropserver backup restore 7df77bd5",
        "  dropserver backup restore latest --of garden --only notes/monday.md",
        "  dropserver backup restore 7df77bd5 --to garden2",
        "  dropserver backup restore 7df77bd5 --folder /tmp/garden"
      })
  int restore(
      @Mixin StateOption state,
      @Mixin RepositoryOption in,
      @Mixin OutputOption output,
      @Parameters(paramLabel = "SNAPSHOT", description = "See `backup list`; or latest, with --of.")
          String snapshot,
      @Option(
              names = "--of",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "The appspace that `latest` refers to.")
          Optional<String> of,
      @Option(
              names = "--to",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Restore into this appspace.")
          Optional<String> to,
      @Option(
              names = "--folder",
              paramLabel = "DIR",
              description = "Restore into this folder, which must not exist.")
          Optional<Path> folder,
      @Option(
              names = "--only",
              paramLabel = "PATH",
              description = "Restore only this path of the data folder; repeatable.")
          @Nullable List<String> only) {
    requireAppspace(Optional.of(snapshot), of);
    boolean elsewhere = snapshot.equals("latest") && to.isPresent();
    BackupOrder order =
        new BackupOrder(
            BackupVerb.RESTORE,
            to.or(() -> of),
            Optional.of(elsewhere ? "latest:" + of.orElseThrow() : snapshot),
            folder.map(BackupOperations::absolute),
            only == null ? List.of() : only);
    return BackupOperations.run(context, state, output, order.in(in.name()));
  }

  private static void requireAppspace(Optional<String> snapshot, Optional<String> of) {
    if (snapshot.filter("latest"::equals).isPresent() && of.isEmpty()) {
      throw new CommandException("the snapshot `latest` needs an appspace", "add --of APPSPACE");
    }
  }

  @Command(
      name = "export",
      description =
          "Export one appspace as a tar file (.tar or .tar.gz), readable without Dropserver.",
      footer = {
        "",
        "Example:",
        "  dropserver backup export garden garden.tar.gz",
        "  tar tzf garden.tar.gz"
      })
  int export(
      @Mixin StateOption state,
      @Mixin RepositoryOption in,
      @Mixin OutputOption output,
      @Parameters(
              index = "0",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "The appspace to export.")
          String appspace,
      @Parameters(
              index = "1",
              paramLabel = "FILE",
              description = "The file to write, on the server's machine.")
          Path file,
      @Option(
              names = "--snapshot",
              paramLabel = "SNAPSHOT",
              description =
                  "Export this backup, not the current data; see `backup list`, or latest.")
          Optional<String> snapshot) {
    BackupOrder order =
        new BackupOrder(
            BackupVerb.EXPORT,
            Optional.of(appspace),
            snapshot,
            Optional.of(BackupOperations.absolute(file)),
            List.of());
    return BackupOperations.run(context, state, output, order.in(in.name()));
  }

  @Command(
      name = "import",
      description = "Import an exported file or a plain folder as the data of an appspace.",
      footer = {"", "Example:", "  dropserver backup import garden garden.tar.gz"})
  int importData(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Parameters(
              index = "0",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "An appspace that the repository declares.")
          String appspace,
      @Parameters(
              index = "1",
              paramLabel = "FILE",
              description = "A file or folder on the server's machine.")
          Path file) {
    BackupOrder order =
        new BackupOrder(
            BackupVerb.IMPORT,
            Optional.of(appspace),
            Optional.empty(),
            Optional.of(BackupOperations.absolute(file)),
            List.of());
    return BackupOperations.run(context, state, output, order);
  }

  @Command(
      name = "erase",
      description = "Erase all backups and retained data of an appspace, or of a user's appspaces.",
      footer = {
        "",
        "Erases in every repository, with the mirrors, and prints what remains and until when. The",
        "data in use of a declared appspace stays: first remove it from Git. With APPSPACE and",
        "--user, erases only what belonged to that user. docs/operate/erasure.md has all steps.",
        "",
        "Example:",
        "  dropserver backup erase garden --yes",
        "  dropserver backup erase --user bob --yes"
      })
  int erase(
      @Mixin StateOption state,
      @Mixin OutputOption output,
      @Parameters(
              arity = "0..1",
              paramLabel = "APPSPACE",
              converter = NameOf.AnAppspace.class,
              description = "Name of the appspace, also of one that is no longer declared.")
          Optional<String> appspace,
      @Option(
              names = "--user",
              paramLabel = "NAME",
              converter = NameOf.AUser.class,
              description = "The owner at the time of the backup.")
          Optional<String> user,
      @Option(names = "--yes", description = "Confirm the erasure.") boolean yes) {
    Erasure erasure = new Erasure(appspace, user, Optional.empty());
    if (erasure.isEmpty()) {
      throw new CommandException("nothing to erase is named", "add APPSPACE or --user NAME");
    }
    if (!yes) {
      throw new CommandException(
          "all backups and retained data %s would be erased from every repository"
              .formatted(erasure),
          "look at them with `dropserver backup list` and `dropserver data list`, then confirm with"
              + " --yes");
    }
    return BackupOperations.erase(context, state, output, erasure);
  }

  @Command(
      name = "recovery-kit",
      description = "Print what to store on another machine, to be able to rebuild a lost server.",
      footer = {
        "",
        "It contains the password of the repository: print it, or put it into a password manager.",
        "",
        "Example:",
        "  dropserver backup recovery-kit"
      })
  int recoveryKit(@Mixin StateOption state, @Mixin OutputOption output) {
    RecoveryKit kit = context.server(state).backups().recoveryKit();
    return output.print(context.terminal(), kit, () -> print(kit));
  }

  private void print(RecoveryKit kit) {
    var out = context.terminal().out();
    out.println(
        "Store this on another machine, and keep it secret: with it, a lost server can be rebuilt"
            + " and all data and\n"
            + "secrets can be read.");
    out.println();
    out.println("backup repository:    " + VisibleText.line(kit.repository()));
    out.println("password:             " + VisibleText.line(kit.password()));
    kit.environmentFile()
        .ifPresent(file -> out.println("environment file:     " + VisibleText.line(file)));
    for (RecoveryKit.Repository further : kit.repositories()) {
      String name = VisibleText.line(further.name());
      out.println(
          "backup repository %s: %s".formatted(name, VisibleText.line(further.repository())));
      out.println("password of %s: %s".formatted(name, VisibleText.line(further.password())));
    }
    out.println("config repository:    " + VisibleText.line(kit.configRepository()));
    out.println("branch:               " + VisibleText.line(kit.branch()));
    if (!kit.hostFiles().isEmpty()) {
      out.println();
      out.println("Also store these files. No backup contains them:");
      kit.hostFiles().forEach(file -> out.println("  " + VisibleText.line(file)));
    }
    out.println();
    out.println("Then, on an empty machine:");
    out.println(
        "  dropserver recover --repository %s --password-file FILE --state DIR"
            .formatted(VisibleText.line(kit.repository())));
  }
}
