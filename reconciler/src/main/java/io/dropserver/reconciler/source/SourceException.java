package io.dropserver.reconciler.source;

/**
 * Thrown when the config source cannot fulfill a request, or when a local repository cannot be
 * used.
 */
public class SourceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message names the repository or file, its location, the problem and the remedy
   */
  public SourceException(String message) {
    super(message);
  }

  public SourceException(String message, Throwable cause) {
    super(message, cause);
  }
}
