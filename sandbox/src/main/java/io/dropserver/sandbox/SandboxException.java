package io.dropserver.sandbox;

import io.dropserver.state.condition.Reason;

/** Thrown when a sandbox cannot be started or its prerequisites cannot be prepared. */
public class SandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /**
   * @param reason a {@code SandboxReason}, or an {@code AppReason} of an installation
   * @param message names the object, its location and the remedy
   */
  public SandboxException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public SandboxException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
