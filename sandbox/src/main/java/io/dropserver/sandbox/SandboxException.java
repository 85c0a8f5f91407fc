package io.dropserver.sandbox;

/** Thrown when a sandbox cannot be started or its prerequisites cannot be prepared. */
public class SandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param reason the reason of a condition, in UpperCamelCase, such as {@code StartTimeout}
   * @param message names the thing, where it is, and what to do
   */
  public SandboxException(String reason, String message) {
    super(message);
    this.reason = reason;
  }

  public SandboxException(String reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }
}
