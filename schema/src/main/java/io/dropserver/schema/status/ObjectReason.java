package io.dropserver.schema.status;

/** Reasons of the conditions of every kind of object. */
public enum ObjectReason implements Reason {

  /** The object needs no work of its own and is in force. */
  APPLIED,

  /** The object left the repository and stays, because {@code reconcile.prune} is false. */
  PRUNE_OFF;

  @Override
  public Retry retry() {
    return Retry.WAITING;
  }
}
