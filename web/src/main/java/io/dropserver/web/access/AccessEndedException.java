package io.dropserver.web.access;

import java.io.IOException;

/** Thrown when the right of an exchange has ended. */
public final class AccessEndedException extends IOException {
  private static final long serialVersionUID = 1L;

  AccessEndedException() {
    super("the access by which the request was admitted has ended");
  }
}
