package io.dropserver.reconciler.backup;

import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.AppspaceTransfer;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupSource;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.reconciler.converge.UpgradeBackups;
import java.nio.file.Path;
import java.util.Optional;

/** Makes backups and copies of data before upgrades. Thread-safe. */
public record PreUpgradeBackups(BackupRuns runs, BackupEngine backups, DataAccess access)
    implements UpgradeBackups {
  @Override
  public void backUp(String appspace) {
    runs.backUp(appspace, ProgressListener.NONE);
  }

  @Override
  public void copy(Path from, Path to, long storageBytes) {
    access.acquire(from);
    AppspaceTransfer.copyAll(from, to);
  }

  @Override
  public Optional<ResticSnapshot> newest(
      String appspace, String app, String owner, String version) {
    return backups.list().stream()
        .filter(
            resticSnapshot ->
                resticSnapshot.tags().containsAll(BackupSource.group(appspace, app, owner)))
        .filter(resticSnapshot -> resticSnapshot.tag("version").equals(Optional.of(version)))
        .findFirst();
  }
}
