package io.dropserver.server;

import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.reconciler.backup.IdentityRecovery;
import io.dropserver.reconciler.backup.Recovery;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.state.StateException;
import io.dropserver.state.StateFolder;
import io.dropserver.web.identity.StoredCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Builds recoveries from the same host configuration as a server. */
public final class RecoveryModule {
  private RecoveryModule() {}

  /**
   * @param config location of the backups, and the uid range of appspaces
   * @param install the installation folder of this program
   * @throws StateException when the password of the repository is missing
   */
  public static Recovery of(HostConfig config, StateFolder folder, Path install, Clock clock) {
    SandboxModule part = new SandboxModule(config.sandbox(), folder, install, clock);
    return new Recovery(folder, settings(config, folder), part::dataFolders, clock);
  }

  /**
   * @param config location of the backups
   * @throws StateException when the password of the repository is missing
   */
  public static IdentityRecovery identity(HostConfig config, StateFolder folder, Clock clock) {
    return new IdentityRecovery(
        folder,
        settings(config, folder),
        (from, to) -> {
          StoredCredentials.Copied copied = StoredCredentials.copy(from, to);
          return new IdentityRecovery.Copied(copied.passwords(), copied.passkeys(), copied.users());
        },
        clock);
  }

  private static RepositorySettings settings(HostConfig config, StateFolder folder) {
    RepositorySettings settings =
        BackupModule.settings(config.backup(), new BackupFolders(folder.backups()));
    if (!Files.isReadable(settings.passwordFile())) {
      throw new StateException(
          "%s cannot be read: put the password of the backup repository into a file, and name it with --password-file"
              .formatted(settings.passwordFile()));
    }
    return settings;
  }
}
