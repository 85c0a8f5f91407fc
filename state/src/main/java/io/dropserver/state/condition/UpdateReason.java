package io.dropserver.state.condition;

/** Reasons of the conditions about new versions of apps. */
public enum UpdateReason implements Reason {

  /** A new version waits on a branch or in a pull request for a person. */
  OFFERED(Retry.WAITING),

  /** The origin of an app did not answer, or its answer could not be used. */
  ORIGIN_FAILED(Retry.RETRY),

  /** The new version could not be installed or did not pass its self-check. */
  CANDIDATE_FAILED(Retry.RETRY),

  /** The new version could not be written into the repository. */
  NOT_WRITTEN(Retry.RETRY);

  private final Retry retry;

  UpdateReason(Retry retry) {
    this.retry = retry;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
