package io.dropserver.reconciler.source;

import java.time.Duration;
import java.util.Optional;

/** Thrown when the remote cannot be written to, or cannot be read in preparation for a write. */
public final class WriteException extends SourceException {
  private static final long serialVersionUID = 1L;
  private final transient Optional<Duration> retryAfter;

  public WriteException(String message, Optional<Duration> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** Returns the delay that the remote requested. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
