package io.dropserver.backup.engine;

import java.nio.file.Path;

/** What backups need of the sandboxes; bound by the composition root. Safe for several threads. */
public interface DataAccess {

  /** Makes data visible at its folder, whether a sandbox uses it or not. */
  void reach(Path files);

  /** What {@link #reach} made visible is given back, unless a sandbox uses it. */
  void release(Path files);

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
