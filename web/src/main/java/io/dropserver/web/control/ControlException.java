package io.dropserver.web.control;

/** A request of a person that cannot be carried out; the message says why and what to do. */
public class ControlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ControlException(String message) {
    super(message);
  }
}
