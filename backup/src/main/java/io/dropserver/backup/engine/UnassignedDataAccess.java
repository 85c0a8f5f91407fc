package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.schema.status.BackupReason;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * Gives backups access to data that is assigned to no appspace. Pauses no process: a running
 * appspace of the same name uses other data.
 *
 * @param unassigned returns whether the data is still unassigned; called after the copy, which is
 *     consistent only if this returns true
 */
record UnassignedDataAccess(DataAccess access, BooleanSupplier unassigned) implements DataAccess {
  @Override
  public void acquire(Path files) {
    access.acquire(files);
  }

  @Override
  public void release(Path files) {
    access.release(files);
  }

  @Override
  public void moveToVolume(Path files, int uid, long storageBytes) {
    access.moveToVolume(files, uid, storageBytes);
  }

  @Override
  public long storedBytes(Path files) {
    return access.storedBytes(files);
  }

  @Override
  public boolean runPaused(String appspace, Runnable work) {
    work.run();
    if (!unassigned.getAsBoolean()) {
      throw new BackupException(
          BackupReason.INTERRUPTED, appspace + " was declared again while its data was copied");
    }
    return false;
  }
}
