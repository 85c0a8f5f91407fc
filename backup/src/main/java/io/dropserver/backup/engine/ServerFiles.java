package io.dropserver.backup.engine;

import java.nio.file.Path;

/** The server's own state, as it is at one instant. */
@FunctionalInterface
public interface ServerFiles {

  /**
   * Writes it into an empty folder, the names as they are in the state folder.
   *
   * @throws io.dropserver.schema.state.StateException when it cannot be copied
   */
  void copyTo(Path folder);
}
