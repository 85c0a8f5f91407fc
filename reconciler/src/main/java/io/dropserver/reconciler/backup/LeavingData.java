package io.dropserver.reconciler.backup;

import io.dropserver.reconciler.converge.Departures;
import io.dropserver.schema.state.DataFolder;
import java.time.Instant;
import java.util.Optional;

/** Records the data of removed appspaces at once and schedules its deletion. */
public record LeavingData(Deletions deletions, DeletionBook book, BackupPlan plan)
    implements Departures {
  @Override
  public void leaves(DataFolder data, Instant at, Optional<LastDeclared> last) {
    deletions.leaves(data, at, last);
  }

  @Override
  public void left(String dataId) {
    if (book.pending(dataId).isPresent()) {
      plan.delete(dataId);
    }
  }

  @Override
  public boolean letGo(String dataId) {
    return book.forgetDeleted(dataId);
  }
}
