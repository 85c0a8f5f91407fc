package io.dropserver.schema.status;

/** Reasons that only events have. */
public enum EventReason implements Reason {

  /** A revision is in service. */
  APPLIED("Applied", Retry.WAITING),
  CREATED("Created", Retry.WAITING),
  UPDATED("Updated", Retry.WAITING),
  REMOVED("Removed", Retry.WAITING),

  /** An object is ready again. */
  RECOVERED("Recovered", Retry.WAITING),

  /** An operator resumed an appspace that was paused on this machine. */
  RELEASED("Released", Retry.WAITING),
  DATA_ADOPTED("DataAdopted", Retry.WAITING),
  DATA_DELETED("DataDeleted", Retry.WAITING),
  DELETION_WAITS("DeletionWaits", Retry.RETRY),
  RESTORED("Restored", Retry.WAITING),
  SECRET_SET("SecretSet", Retry.WAITING),
  SECRET_REMOVED("SecretRemoved", Retry.WAITING),
  STORAGE_READ_ONLY("StorageReadOnly", Retry.RETRY),
  STORAGE_REPAIRED("StorageRepaired", Retry.WAITING);

  private final String text;
  private final Retry retry;

  EventReason(String text, Retry retry) {
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
