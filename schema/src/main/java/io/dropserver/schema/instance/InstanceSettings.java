package io.dropserver.schema.instance;

import java.time.Duration;

/**
 * Kind {@code Instance}: exactly one in a repository.
 *
 * @param domain the shell's host name; appspaces are {@code <host>.<domain>}
 */
public record InstanceSettings(
    String name,
    Location location,
    String domain,
    Reconcile reconcile,
    Approvals approvals,
    Limits defaultLimits,
    BackupPolicy defaultBackup)
    implements Resource {

  @Override
  public Kind kind() {
    return Kind.INSTANCE;
  }

  /**
   * @param interval time between two polls of the remote
   * @param prune whether an object that left the repository is stopped and its data retained
   * @param allowRewrite whether a head that does not descend from the served one is accepted
   */
  public record Reconcile(Duration interval, boolean prune, boolean allowRewrite) {
    public static final Reconcile DEFAULT = new Reconcile(Duration.ofSeconds(30), true, false);
  }

  /** How requests for egress are put to people. */
  public record Approvals(ApprovalMode mode, int maxOpenPerAppspace, DecidedIn decide) {
    public static final Approvals DEFAULT = new Approvals(ApprovalMode.AUTO, 10, DecidedIn.GIT);
  }

  public enum ApprovalMode {
    AUTO,
    PULL_REQUEST,
    BRANCH,
    COMMIT
  }

  public enum DecidedIn {
    GIT,
    DASHBOARD
  }
}
