package io.dropserver.state.condition;

/** Reasons of the conditions of the server as a whole. */
public enum InstanceReason implements Reason {

  /** The remote cannot be connected to, does not answer in time, or reports a server error. */
  SOURCE_UNREACHABLE(Retry.RETRY),

  /** The credentials are missing or refused. */
  AUTHENTICATION_FAILED(Retry.RETRY),

  /** The Git server's SSH key is not in the known_hosts file, or differs from the one there. */
  HOST_KEY_REFUSED(Retry.RETRY),

  /** The local copy cannot be read. */
  SOURCE_FAILED(Retry.RETRY),

  /** The newest revision has problems. */
  REVISION_INVALID(Retry.STALLED),

  /**
   * The secrets of the revision cannot be decrypted with the keys of this machine, or are also set
   * on the server.
   */
  SECRETS_UNUSABLE(Retry.RETRY),

  /** The head does not descend from the revision in service. */
  SOURCE_REWRITTEN(Retry.STALLED),

  /**
   * The repository has no commit, the head contains no file, or the head declares no appspace
   * although several are in service.
   */
  SOURCE_EMPTY(Retry.STALLED),

  /** The remote has branches, but not the followed one. */
  BRANCH_MISSING(Retry.STALLED),

  /** The head has no valid signature of an allowed key. */
  SIGNATURE_INVALID(Retry.STALLED),

  /** An object of the revision is malformed or missing, or a limit is exceeded. */
  SOURCE_INVALID(Retry.STALLED),
  BY_OPERATOR(Retry.WAITING),
  FILES_INVALID(Retry.RETRY),
  NOT_RENEWED(Retry.WAITING),
  NOT_ISSUED(Retry.RETRY),
  DAMAGED_OR_MISSING(Retry.WAITING),
  ALMOST_FULL(Retry.WAITING),
  DISK_FULL(Retry.WAITING),

  /** A log-in provider is down, slow, or answers what cannot be used. */
  PROVIDER_UNUSABLE(Retry.RETRY),

  /** The collector of metrics is down, slow, or refuses messages. */
  COLLECTOR_UNUSABLE(Retry.RETRY),

  NOT_DELIVERED(Retry.RETRY),
  NOT_WRITTEN(Retry.RETRY);

  private final Retry retry;

  InstanceReason(Retry retry) {
    this.retry = retry;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
