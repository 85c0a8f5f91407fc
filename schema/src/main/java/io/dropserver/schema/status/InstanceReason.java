package io.dropserver.schema.status;

/** Reasons of the conditions of the server as a whole. */
public enum InstanceReason implements Reason {

  /** The remote cannot be connected to, does not answer in time, or reports a server error. */
  SOURCE_UNREACHABLE("SourceUnreachable", Retry.RETRY),

  /** The credentials are missing or refused. */
  AUTHENTICATION_FAILED("AuthenticationFailed", Retry.RETRY),

  /** The Git server's SSH key is not in the known_hosts file, or differs from the one there. */
  HOST_KEY_REFUSED("HostKeyRefused", Retry.RETRY),

  /** The local copy cannot be read. */
  SOURCE_FAILED("SourceFailed", Retry.RETRY),

  /** The newest revision has problems. */
  REVISION_INVALID("RevisionInvalid", Retry.STALLED),

  /** The head does not descend from the revision in service. */
  SOURCE_REWRITTEN("SourceRewritten", Retry.STALLED),

  /**
   * The repository has no commit, the head contains no file, or the head declares no appspace
   * although several are in service.
   */
  SOURCE_EMPTY("SourceEmpty", Retry.STALLED),

  /** The remote has branches, but not the followed one. */
  BRANCH_MISSING("BranchMissing", Retry.STALLED),

  /** The head has no valid signature of an allowed key. */
  SIGNATURE_INVALID("SignatureInvalid", Retry.STALLED),

  /** An object of the revision is malformed or missing, or a limit is exceeded. */
  SOURCE_INVALID("SourceInvalid", Retry.STALLED),
  BY_OPERATOR("ByOperator", Retry.WAITING),
  FILES_INVALID("FilesInvalid", Retry.RETRY),
  NOT_RENEWED("NotRenewed", Retry.WAITING),
  NOT_ISSUED("NotIssued", Retry.RETRY),
  DAMAGED_OR_MISSING("DamagedOrMissing", Retry.WAITING),
  ALMOST_FULL("AlmostFull", Retry.WAITING),
  DISK_FULL("DiskFull", Retry.WAITING),
  NOT_DELIVERED("NotDelivered", Retry.RETRY),
  NOT_WRITTEN("NotWritten", Retry.RETRY);

  private final String text;
  private final Retry retry;

  InstanceReason(String text, Retry retry) {
    this.text = text;
    this.retry = retry;
  }

  @Override
  public String text() {
    return text;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
