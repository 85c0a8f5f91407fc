package io.dropserver.web.upstream;

import java.io.IOException;

/** An app did not answer as HTTP/1.1 has it. The message is for the access log and the owner. */
public final class UpstreamException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  UpstreamException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  UpstreamException(Kind kind, String message, IOException cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What it sent cannot be taken for an answer. */
  public static UpstreamException malformed(String what) {
    return new UpstreamException(Kind.MALFORMED, "the app's response is malformed: " + what);
  }

  public Kind kind() {
    return kind;
  }

  /** What went wrong. */
  public enum Kind {
    /** Nothing accepts connections on the socket. */
    UNREACHABLE,
    /** It closed the connection before or within its response. */
    CLOSED,
    /** It did not answer in time. */
    TIMEOUT,
    /** What it sent is no HTTP/1.1 response, or one that could be read in two ways. */
    MALFORMED
  }
}
