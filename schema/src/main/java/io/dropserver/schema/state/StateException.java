package io.dropserver.schema.state;

/** The state on this machine cannot be used; the message says where and what to do. */
public class StateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StateException(String message) {
    super(message);
  }

  public StateException(String message, Throwable cause) {
    super(message, cause);
  }
}
