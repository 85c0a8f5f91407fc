package io.dropserver.schema.instance;

import java.time.Duration;

/**
 * Kind {@code Instance}: exactly one document per instance.
 *
 * @param domain the shell's host name; appspaces are at {@code <host>.<domain>}
 */
public record InstanceSettings(
    String name,
    Location location,
    String domain,
    ReconcileSettings reconcile,
    ApprovalSettings approvals,
    Limits defaultLimits,
    BackupPolicy defaultBackup)
    implements Resource {

  @Override
  public Kind kind() {
    return Kind.INSTANCE;
  }

  /**
   * @param interval time between two polls of the remote
   * @param prune whether an object that was removed from the repository is stopped and its data
   *     retained
   * @param allowRewrite whether to accept a head that is not a descendant of the served revision
   */
  public record ReconcileSettings(Duration interval, boolean prune, boolean allowRewrite) {
    public static final ReconcileSettings DEFAULT =
        new ReconcileSettings(Duration.ofSeconds(30), true, false);
  }

  /**
   * How egress requests are presented for approval.
   *
   * @param expireAfter how long a request waits before it is closed as unanswered
   */
  public record ApprovalSettings(
      ApprovalMode mode, int maxOpenPerAppspace, Duration expireAfter, DecidedIn decide) {
    public static final ApprovalSettings DEFAULT =
        new ApprovalSettings(ApprovalMode.AUTO, 10, Duration.ofDays(30), DecidedIn.GIT);
  }

  public enum ApprovalMode {
    AUTO,
    PULL_REQUEST,
    BRANCH,
    COMMIT
  }

  public enum DecidedIn {
    /** In pull requests or, where the server opens none, also by admins on the dashboard. */
    AUTO,
    GIT,
    /** Also by admins and owners on the dashboard. */
    DASHBOARD
  }
}
