package io.dropserver.server;

import io.dropserver.backup.engine.DataAccess;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.storage.VolumeHost;
import java.nio.file.Path;

/** Gives the backup module access to the data of sandboxes. */
record SandboxData(Sandboxes sandboxes, VolumeHost host) implements DataAccess {
  @Override
  public void acquire(Path files) {
    host.makeReadable(files);
  }

  @Override
  public void release(Path files) {
    host.releaseUnused(files);
  }

  @Override
  public void moveToVolume(Path files, int uid, long storageBytes) {
    host.moveIntoVolume(files, uid, storageBytes);
  }

  @Override
  public long storedBytes(Path files) {
    return host.stored(files).bytes();
  }

  @Override
  public boolean runPaused(String appspace, Runnable work) {
    return sandboxes.whileFrozen(appspace, work);
  }
}
