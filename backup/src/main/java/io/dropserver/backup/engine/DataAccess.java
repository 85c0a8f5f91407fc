package io.dropserver.backup.engine;

import java.nio.file.Path;

/**
 * The operations on sandboxes that backups need; implemented by the composition root. Thread-safe.
 */
public interface DataAccess {

  /** Makes data accessible at its folder, whether or not a sandbox uses it. */
  void acquire(Path files);

  /** Undoes {@link #acquire}, unless a sandbox uses the data. */
  void release(Path files);

  /**
   * Moves data from a plain folder to the storage of sandboxes, so that the first start of the
   * sandbox need not do it. The data must not be in use.
   *
   * @param uid the owner of the files
   * @param storageBytes storage limit of the appspace; 0 if unknown
   */
  void moveToVolume(Path files, int uid, long storageBytes);

  /** Returns the size of the data on disk. */
  long storedBytes(Path files);

  /**
   * Runs the action while no process of the appspace runs. Its processes are paused, and no new
   * ones are started.
   *
   * @return whether any process had to be paused
   */
  boolean runPaused(String appspace, Runnable work);
}
