package io.dropserver.state.condition;

/** Reasons of the conditions of every kind of object. */
public enum ObjectReason implements Reason {

  /** The object is in effect. It needs no further work. */
  APPLIED,

  /**
   * The object was removed from the repository and is kept, because {@code reconcile.prune} is
   * false.
   */
  PRUNE_OFF;

  @Override
  public Retry retry() {
    return Retry.WAITING;
  }
}
