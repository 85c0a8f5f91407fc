package io.dropserver.reconciler.converge;

import io.dropserver.state.DataFolder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Receives notifications about appspaces that are removed from the repository. The composition root
 * provides the implementation. Thread-safe.
 */
public interface AppspaceRemovalListener {

  /**
   * Called before the data is retained. The implementation must record the removal durably before
   * it returns. After a crash between this call and the retention, this method is called again with
   * a later instant.
   *
   * @param at the time from which the data counts as retained
   * @param last the last declaration, if the data is to be deleted after a last backup; empty if
   *     the data is to be kept
   */
  void beforeRetention(DataFolder data, Instant at, Optional<LastDeclared> last);

  /** Called after the data was retained. */
  void afterRetention(String dataId);

  /**
   * Discards the record of a completed deletion, at an operator's request.
   *
   * @return whether there was such a record
   */
  boolean discardRecord(String dataId);

  /**
   * The last declaration of a removed appspace.
   *
   * @param source pinned origin of the app version
   * @param users permissions by user, without the owner
   * @param revision a commit that declared it
   * @param storageBytes its storage limit
   */
  record LastDeclared(
      String source, SortedMap<String, List<String>> users, String revision, long storageBytes) {}
}
