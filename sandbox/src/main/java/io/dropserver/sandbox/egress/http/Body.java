package io.dropserver.sandbox.egress.http;

/**
 * How the end of a body is determined.
 *
 * @param length in bytes, if the framing is LENGTH
 */
public record Body(Framing framing, long length) {
  public static final Body NONE = new Body(Framing.NONE, 0);

  public enum Framing {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  public boolean isEmpty() {
    return framing == Framing.NONE;
  }
}
