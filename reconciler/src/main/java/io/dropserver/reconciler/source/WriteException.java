package io.dropserver.reconciler.source;

import java.time.Duration;
import java.util.Optional;

/** The remote could not be written to, or could not be read in preparation for writing. */
public final class WriteException extends SourceException {
  private static final long serialVersionUID = 1L;
  private final transient Optional<Duration> retryAfter;

  public WriteException(String message, Optional<Duration> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** The delay that the remote asked for. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
