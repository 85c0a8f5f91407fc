package io.dropserver.backup.engine;

import java.nio.file.Path;

/** Copies the server's own state for a backup. */
@FunctionalInterface
public interface ServerFiles {

  /**
   * Writes the state into an empty folder, with the file names of the state folder.
   *
   * @throws io.dropserver.state.StateException if it cannot be copied
   */
  void copyTo(Path folder);
}
