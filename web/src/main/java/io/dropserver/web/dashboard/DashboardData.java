package io.dropserver.web.dashboard;

import io.dropserver.schema.status.RevisionChanges;
import io.dropserver.schema.status.UsagePoint;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the dashboard shows in addition to {@link io.dropserver.schema.status.InstanceView};
 * implemented by the reconciler. Thread-safe.
 */
public interface DashboardData {

  /** The owner of a declared appspace; empty when the appspace is not declared. */
  Optional<String> owner(String appspace);

  /** The appspace that a declared egress whitelist applies to. */
  Optional<String> appspaceOf(String whitelist);

  /** Whether {@code approvals.decide} allows decisions in the dashboard. */
  boolean decidesInDashboard();

  /** The newest revision that changed something, if it is recorded. */
  Optional<RevisionChanges> lastApplied();

  /** The backup state of a declared appspace. */
  Backups backups(String appspace);

  /** What an appspace used lately, the oldest first. */
  List<UsagePoint> history(String appspace);

  /** The forge's URL of a commit; empty when no forge is configured. */
  Optional<String> commitUrl(String revision);

  /**
   * The forge's URL of a line of a file; empty when no forge is configured.
   *
   * @param line 1-based
   */
  Optional<String> lineUrl(String revision, String file, int line);

  /**
   * @param last the newest successful backup
   * @param verified the newest backup of which a sample was restored and compared
   * @param next when the next backup is due
   * @param bytes the size of the newest successful backup
   */
  record Backups(
      Optional<Instant> last, Optional<Instant> verified, Optional<Instant> next, long bytes) {
    public static final Backups NONE =
        new Backups(Optional.empty(), Optional.empty(), Optional.empty(), 0);
  }
}
