package io.dropserver.reconciler.source;

/**
 * Reports that a request to the config source cannot be met, or that a local repository cannot be
 * used.
 */
public class SourceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message names the thing, where it is, and what to do
   */
  public SourceException(String message) {
    super(message);
  }

  public SourceException(String message, Throwable cause) {
    super(message, cause);
  }
}
