package io.dropserver.schema.status;

/** Reasons of the conditions of every kind of object. */
public enum ObjectReason implements Reason {

  /** The object is in effect. It needs no further work. */
  APPLIED("Applied", Retry.WAITING),

  /**
   * The object was removed from the repository and is kept, because {@code reconcile.prune} is
   * false.
   */
  PRUNE_OFF("PruneOff", Retry.WAITING);

  private final String text;
  private final Retry retry;

  ObjectReason(String text, Retry retry) {
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
