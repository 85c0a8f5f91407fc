package io.dropserver.web.upstream;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when an app does not respond with a valid HTTP/1.1 response. The message is not shown to
 * visitors.
 */
public final class UpstreamException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  UpstreamException(Kind kind, String message, @Nullable IOException cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Creates the exception for an invalid response. */
  public static UpstreamException malformed(String what) {
    return new UpstreamException(Kind.MALFORMED, "the app's response is malformed: " + what, null);
  }

  public Kind kind() {
    return kind;
  }

  /** The kind of failure. */
  public enum Kind {
    /** Nothing accepts connections on the socket. */
    UNREACHABLE,
    /** The app closed the connection before or within its response. */
    CLOSED,
    /** The app did not respond in time. */
    TIMEOUT,
    /** The response is not HTTP/1.1, or is ambiguous. */
    MALFORMED
  }
}
