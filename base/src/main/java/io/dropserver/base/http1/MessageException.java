package io.dropserver.base.http1;

import java.io.IOException;

/** Thrown for a message that two parsers could interpret differently, or that is too large. */
public final class MessageException extends IOException {
  private static final long serialVersionUID = 1L;

  public MessageException(String message) {
    super(message);
  }
}
