package io.dropserver.sandbox.egress.http;

import java.io.IOException;

/**
 * A message that two readers could understand differently, or that is larger than any should be.
 */
public final class MessageException extends IOException {
  private static final long serialVersionUID = 1L;

  public MessageException(String message) {
    super(message);
  }
}
