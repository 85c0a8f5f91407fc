package io.dropserver.reconciler.converge;

import io.dropserver.schema.state.DataFolder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Hears of appspaces that leave the repository; bound by the composition root. Thread-safe. */
public interface Departures {

  /**
   * Told before data is retained since that instant; durable when it returns. A crash in between
   * makes it be told once more, with a later instant.
   *
   * @param last what was declared, where the data is to be deleted after a last backup; empty where
   *     it stays
   */
  void leaves(DataFolder data, Instant at, Optional<LastDeclared> last);

  /** The data is retained now. */
  void left(String dataId);

  /**
   * A person wants nothing more of data that was deleted after its last backup.
   *
   * @return whether there was such data
   */
  boolean letGo(String dataId);

  /**
   * @param source where the app's version came from, pinned
   * @param users permissions by user, the owner left out
   * @param revision a commit that declared it
   * @param storageBytes its limit
   */
  record LastDeclared(
      String source, SortedMap<String, List<String>> users, String revision, long storageBytes) {}
}
