package io.dropserver.backup.engine;

import java.nio.file.Path;

/** What backups need of the sandboxes; bound by the composition root. Safe for several threads. */
public interface DataAccess {

  /** Makes data visible at its folder, whether a sandbox uses it or not. */
  void reach(Path files);

  /** What {@link #reach} made visible is given back, unless a sandbox uses it. */
  void release(Path files);

  /**
   * Moves data that was put into a folder to where the sandboxes keep it, so that the first start
   * on it need not wait for that. Nobody uses it meanwhile.
   *
   * @param uid whose it is
   * @param storageBytes its limit; 0 where that is not known yet
   */
  void settle(Path files, int uid, long storageBytes);

  /** What the data takes on disk. */
  long storedBytes(Path files);

  /**
   * Runs work while no process of the appspace runs: they are stopped meanwhile, and none is
   * started.
   *
   * @return whether there was any to stop
   */
  boolean still(String appspace, Runnable work);
}
