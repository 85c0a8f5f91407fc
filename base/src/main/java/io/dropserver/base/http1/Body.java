package io.dropserver.base.http1;

/**
 * How the end of a body is determined (RFC 9112, section 6.3).
 *
 * @param length in bytes, if the framing is LENGTH
 */
public record Body(Framing framing, long length) {
  public static final Body NONE = new Body(Framing.NONE, 0);
  public static final Body CHUNKED = new Body(Framing.CHUNKED, -1);
  public static final Body UNTIL_CLOSE = new Body(Framing.UNTIL_CLOSE, -1);

  public enum Framing {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  static Body ofLength(long length) {
    return length == 0 ? NONE : new Body(Framing.LENGTH, length);
  }

  public boolean isEmpty() {
    return framing == Framing.NONE;
  }
}
