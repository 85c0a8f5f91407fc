package io.dropserver.reconciler.backup;

import io.dropserver.backup.Progress;
import io.dropserver.backup.engine.Backups;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.backup.engine.Subject;
import io.dropserver.backup.engine.Transfers;
import io.dropserver.reconciler.converge.UpgradeSafety;
import java.nio.file.Path;
import java.util.Optional;

/** Makes backups and copies of data before upgrades. */
public record BeforeUpgrades(BackupRuns runs, Backups backups, DataAccess access)
    implements UpgradeSafety {
  @Override
  public void backUp(String appspace) {
    runs.backUp(appspace, Progress.SILENT);
  }

  @Override
  public void copy(Path from, Path to, long storageBytes) {
    access.reach(from);
    Transfers.copyWhole(from, to);
  }

  @Override
  public Optional<Earlier> newest(String appspace, String app, String owner, String version) {
    return backups.list().stream()
        .filter(snapshot -> snapshot.tags().containsAll(Subject.group(appspace, app, owner)))
        .filter(snapshot -> snapshot.tag("version").equals(Optional.of(version)))
        .findFirst()
        .map(snapshot -> new Earlier(snapshot.shortId(), snapshot.time()));
  }
}
