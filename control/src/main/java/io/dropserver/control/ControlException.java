package io.dropserver.control;

/** A request of a person cannot be carried out. The message states the reason and the remedy. */
public class ControlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ControlException(String message) {
    super(message);
  }
}
