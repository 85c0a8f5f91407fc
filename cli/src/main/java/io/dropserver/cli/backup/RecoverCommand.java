package io.dropserver.cli.backup;

import io.dropserver.base.text.Sizes;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.HostOptions;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.ProgressBar;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.TimeText;
import io.dropserver.reconciler.backup.BackupService;
import io.dropserver.reconciler.backup.IdentityRecovery.RecoveredIdentity;
import io.dropserver.reconciler.backup.Recovery.Data;
import io.dropserver.reconciler.backup.Recovery.Recovered;
import io.dropserver.sandbox.linux.Umask;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.BackupSettings;
import io.dropserver.server.RecoveryModule;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "recover",
    description = "Rebuild a lost server: fill an empty state folder from the backups.",
    footer = {
      "",
      "It needs the output of `dropserver backup recovery-kit`. Afterwards, start the server on"
          + " the",
      "folder, with the same config repository: it serves each appspace with its data again, and",
      "retains data of appspaces that are no longer declared.",
      "",
      "Example:",
      "  dropserver recover --repository /mnt/backup/home --password-file pw --state home-state",
      "  dropserver run --repo https://example.org/home.git --state home-state",
      "",
      "After the loss of the database alone (condition DatabaseRebuilt), stop the server, then:",
      "  dropserver recover --identity --config /etc/dropserver/dropserver.yaml"
    })
final class RecoverCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--repository",
      paramLabel = "REPOSITORY",
      description = "The backup repository: a folder, or a URL such as sftp:, rest: or s3:.")
  @Nullable String repository;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "File with the repository's password.")
  @Nullable Path passwordFile;

  @Option(
      names = "--environment-file",
      paramLabel = "FILE",
      description = "File of NAME=value lines for restic, such as the keys of an object store.")
  @Nullable Path environmentFile;

  @Option(
      names = "--identity",
      description =
          "Restore only passwords and passkeys, into the state folder of a stopped server that lost"
              + " its database.")
  boolean identity;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The host configuration, instead of the three options above or in addition.")
  @Nullable Path config;

  RecoverCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Umask.makePrivate();
    HostConfig host = config();
    StateFolder folder = HostOptions.state(host, state, context.terminal().environment());
    if (identity) {
      return recoverIdentity(host, folder);
    }
    Recovered recovered;
    try (ProgressBar bar = new ProgressBar(context.terminal())) {
      recovered =
          RecoveryModule.of(host, folder, ProgramHome.folder(), context.clock())
              .run(BackupService.listener("recover", bar::show));
    }
    return output.print(context.terminal(), recovered, () -> print(recovered, host, folder));
  }

  private int recoverIdentity(HostConfig host, StateFolder folder) {
    RecoveredIdentity recovered;
    try (ProgressBar bar = new ProgressBar(context.terminal())) {
      recovered =
          RecoveryModule.identity(host, folder, context.clock())
              .run(BackupService.listener("recover", bar::show));
    }
    return output.print(
        context.terminal(),
        recovered,
        () ->
            context.print(
                "restored %d passwords and %d passkeys, of %s, from the backup of %s; start the server, and check them with `dropserver user list`: credentials that were removed after this backup are back"
                    .formatted(
                        recovered.passwords(),
                        recovered.passkeys(),
                        recovered.users().isEmpty()
                            ? "no user"
                            : String.join(", ", recovered.users()),
                        TimeText.local(recovered.backup()))));
  }

  private HostConfig config() throws IOException {
    HostConfig read = config == null ? HostConfig.DEFAULT : HostOptions.read(config);
    BackupSettings backup = read.backup();
    return read.withBackup(
        new BackupSettings(
            Optional.ofNullable(repository).map(RecoverCommand::absolute).or(backup::repository),
            path(passwordFile).or(backup::passwordFile),
            path(environmentFile).or(backup::environmentFile),
            backup.repositories()));
  }

  /** Resolves a relative path against the current directory, because restic runs in another one. */
  private static String absolute(String repository) {
    return repository.matches("[a-z0-9]+:.*")
        ? repository
        : Path.of(repository).toAbsolutePath().normalize().toString();
  }

  private static Optional<Path> path(@Nullable Path path) {
    return Optional.ofNullable(path).map(p -> p.toAbsolutePath().normalize());
  }

  private void print(Recovered recovered, HostConfig host, StateFolder folder) {
    Table table = new Table("APPSPACE", "APP", "VERSION", "OWNER", "SNAPSHOT", "TAKEN", "SIZE");
    for (Data data : recovered.data()) {
      table.row(
          Cell.of(data.appspace()),
          Cell.of(data.app()),
          Cell.of(data.version()),
          Cell.of(data.owner()),
          Cell.of(data.snapshot()),
          Cell.of(TimeText.ago(data.takenAt(), context.clock())),
          Cell.of(Sizes.text(data.bytes())));
    }
    table.print(context.terminal());
    var out = context.terminal().out();
    out.println(
        recovered
            .server()
            .map(at -> "The server's own state is from " + TimeText.ago(at, context.clock()) + ".")
            .orElse(
                "The repository has no backup of the server's own state: history, sessions and"
                    + " pauses are lost; log-ins and secrets (`dropserver secret set`) must be"
                    + " set again."));
    out.println("Now start the server, with the same config repository:");
    out.println(
        "  dropserver run %s --state %s"
            .formatted(
                config == null ? "--repo URL" : "--config " + config,
                VisibleText.line(folder.root().toString())));
    if (config == null && host.backup().repository().isPresent()) {
      out.println(
          "To continue with the same backups, set backup.repository in the host's"
              + " configuration (--config).");
    }
  }
}
