package io.dropserver.reconciler.backup;

import io.dropserver.reconciler.converge.AppspaceRemovalListener;
import io.dropserver.state.DataFolder;
import java.time.Instant;
import java.util.Optional;

/** Records removed appspaces durably and schedules the deletion of their data. Thread-safe. */
public record RemovedDataHandler(
    DataDeleter deletions, DeletionStore deletionStore, BackupScheduler plan)
    implements AppspaceRemovalListener {
  @Override
  public void beforeRetention(DataFolder data, Instant at, Optional<LastDeclared> last) {
    deletions.recordRemoval(data, at, last);
  }

  @Override
  public void afterRetention(String dataId) {
    if (deletionStore.pending(dataId).isPresent()) {
      plan.delete(dataId);
    }
  }

  @Override
  public boolean discardRecord(String dataId) {
    return deletionStore.forgetDeleted(dataId);
  }
}
