package io.dropserver.web.dashboard;

import io.dropserver.schema.status.UsagePoint;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the dashboard shows beside {@link io.dropserver.web.control.InstanceView}; implemented by
 * the reconciler. Thread-safe.
 */
public interface Details {

  /** Whose a declared appspace is; empty for one that is not declared. */
  Optional<String> owner(String appspace);

  /** Whose egress a declared whitelist widens. */
  Optional<String> appspaceOf(String whitelist);

  /** Whether approvals are decided in the dashboard as well, {@code approvals.decide}. */
  boolean decidesHere();

  /** The newest revision that changed something, as far as it is remembered. */
  Optional<Applied> lastApplied();

  /** Of a declared appspace. */
  Backups backups(String appspace);

  /** What an appspace used lately, the oldest first. */
  List<UsagePoint> history(String appspace);

  /** Where the forge shows a commit; empty where no forge is known. */
  Optional<String> commitUrl(String revision);

  /**
   * Where the forge shows a line of a file; empty where no forge is known.
   *
   * @param line 1-based
   */
  Optional<String> lineUrl(String revision, String file, int line);

  /**
   * What a revision changed.
   *
   * @param more how many further changes are not listed
   */
  record Applied(String revision, Instant at, String summary, List<Change> changes, int more) {}

  /**
   * @param action {@code create}, {@code update} or {@code remove}
   * @param what one line for each field that changed
   */
  record Change(String action, String kind, String name, List<String> what) {}

  /**
   * @param last the newest good one
   * @param verified the newest one that was restored in part and compared
   * @param next when one is due
   * @param bytes of the newest good one
   */
  record Backups(
      Optional<Instant> last, Optional<Instant> verified, Optional<Instant> next, long bytes) {
    public static final Backups NONE =
        new Backups(Optional.empty(), Optional.empty(), Optional.empty(), 0);
  }
}
