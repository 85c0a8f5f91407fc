package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.schema.status.BackupReason;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * Access to data that belongs to no appspace, so that nothing is to be stopped: one of the same
 * name is another one.
 *
 * @param still whether that is so yet; asked when the copy is made, which is of one instant then
 */
record AtRest(DataAccess access, BooleanSupplier still) implements DataAccess {
  @Override
  public void reach(Path files) {
    access.reach(files);
  }

  @Override
  public void release(Path files) {
    access.release(files);
  }

  @Override
  public void settle(Path files, int uid, long storageBytes) {
    access.settle(files, uid, storageBytes);
  }

  @Override
  public long storedBytes(Path files) {
    return access.storedBytes(files);
  }

  @Override
  public boolean still(String appspace, Runnable work) {
    work.run();
    if (!still.getAsBoolean()) {
      throw new BackupException(
          BackupReason.INTERRUPTED, appspace + " came back while its data was copied");
    }
    return false;
  }
}
