package io.dropserver.web.dashboard;

import io.dropserver.control.RevisionChanges;
import io.dropserver.control.UsagePoint;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Supplies what the dashboard shows in addition to {@link io.dropserver.control.InstanceView}. The
 * reconciler implements it. Implementations are thread-safe.
 */
public interface DashboardData {

  /** Returns the owner of a declared appspace; empty when the appspace is not declared. */
  Optional<String> owner(String appspace);

  /** Returns the appspace to which a declared EgressWhitelist applies. */
  Optional<String> appspaceOf(String whitelist);

  /** Returns the users that the dashboard lets decide approvals. */
  Deciders deciders();

  /** Returns whether the server has the credentials to commit a decision. */
  boolean canCommit();

  /** Returns the changes of the newest revision that changed any object, if they are recorded. */
  Optional<RevisionChanges> lastApplied();

  /** Returns the backup state of a declared appspace. */
  Backups backups(String appspace);

  /** Returns the recent samples of an appspace's resource usage, oldest first. */
  List<UsagePoint> history(String appspace);

  /** Returns the forge's URL of a commit; empty when no forge is configured. */
  Optional<String> commitUrl(String revision);

  /**
   * Returns the forge's URL of a line of a file; empty when no forge is configured.
   *
   * @param line 1-based
   */
  Optional<String> lineUrl(String revision, String file, int line);

  /** A set of users that the dashboard lets decide approvals. */
  enum Deciders {
    NONE,
    ADMINS,
    ADMINS_AND_OWNERS
  }

  /**
   * The times and the size of backups.
   *
   * @param last the newest successful backup
   * @param verified the newest backup that was verified by restoring and comparing some of its
   *     files
   * @param next when the next backup is due
   * @param bytes the size of the newest successful backup
   */
  record Backups(
      Optional<Instant> last, Optional<Instant> verified, Optional<Instant> next, long bytes) {
    public static final Backups NONE =
        new Backups(Optional.empty(), Optional.empty(), Optional.empty(), 0);
  }
}
