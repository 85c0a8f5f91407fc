package io.dropserver.state.condition;

/** Reasons that only events have. */
public enum EventReason implements Reason {

  /** A revision is in service. */
  APPLIED(Retry.WAITING),
  CREATED(Retry.WAITING),
  UPDATED(Retry.WAITING),
  REMOVED(Retry.WAITING),

  /** An object is ready again. */
  RECOVERED(Retry.WAITING),

  /** An operator resumed an appspace that was paused on this machine. */
  RELEASED(Retry.WAITING),
  DATA_ADOPTED(Retry.WAITING),
  STARTED_EMPTY(Retry.WAITING),
  DATA_DELETED(Retry.WAITING),
  DELETION_WAITS(Retry.RETRY),
  RESTORED(Retry.WAITING),
  SECRET_SET(Retry.WAITING),
  SECRET_REMOVED(Retry.WAITING),
  STORAGE_READ_ONLY(Retry.RETRY),
  STORAGE_REPAIRED(Retry.WAITING);

  private final Retry retry;

  EventReason(Retry retry) {
    this.retry = retry;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
