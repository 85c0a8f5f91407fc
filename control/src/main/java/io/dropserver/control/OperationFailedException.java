package io.dropserver.control;

import java.io.IOException;

/** A request was accepted, and failed while it was carried out. */
public final class OperationFailedException extends ControlException {
  private static final long serialVersionUID = 1L;

  private OperationFailedException(String message) {
    super(message);
  }

  /** Returns an error that names a full disk with its remedy. */
  public static OperationFailedException of(IOException cause) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new OperationFailedException(
        message.contains("No space left on device")
            ? message
                + "; free space on the disk of the state folder: `dropserver usage` shows"
                + " what occupies it"
            : message);
  }
}
