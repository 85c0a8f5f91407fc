package io.dropserver.reconciler.server;

import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.reconciler.backup.Recovery;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.state.StateException;
import io.dropserver.schema.state.StateFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Builds a {@link Recovery} from the same host configuration as a server. */
public final class RecoveryModule {
  private RecoveryModule() {}

  /**
   * @param config location of the backups, and the uid range of appspaces
   * @param install the installation folder of this program
   * @throws StateException when the password of the repository is missing
   */
  public static Recovery of(HostConfig config, StateFolder folder, Path install, Clock clock) {
    RepositorySettings settings =
        BackupModule.settings(config.backup(), new BackupFolders(folder.backups()));
    if (!Files.isReadable(settings.passwordFile())) {
      throw new StateException(
          "%s cannot be read: put the password of the backup repository into a file, and name it with --password-file"
              .formatted(settings.passwordFile()));
    }
    SandboxModule part = new SandboxModule(config.sandbox(), folder, install, clock);
    return new Recovery(folder, settings, part::dataFolders, clock);
  }
}
