package io.dropserver.web.upstream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Encodes the head of a request, and rejects everything that could be parsed as another line. */
final class RequestEncoder {
  private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

  /** RFC 9110, section 5.6.2. */
  private static final boolean[] TOKEN = tokens();

  private final ByteBuffer out;

  RequestEncoder(ByteBuffer out) {
    this.out = out;
  }

  private static boolean[] tokens() {
    boolean[] tokens = new boolean[128];
    for (char c = '!'; c < tokens.length; c++) {
      tokens[c] = Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
    return tokens;
  }

  void line(String method, String target) {
    token(method);
    text(method);
    out.put((byte) ' ');
    for (int i = 0; i < target.length(); i++) {
      if (target.charAt(i) <= ' ') {
        throw new IllegalArgumentException("the request's target contains a space");
      }
    }
    text(target);
    put(VERSION);
  }

  void header(String name, String value) {
    token(name);
    text(name);
    out.put((byte) ':').put((byte) ' ');
    text(value);
    out.put((byte) '\r').put((byte) '\n');
  }

  void end() {
    room(2);
    out.put((byte) '\r').put((byte) '\n');
  }

  /**
   * Checks a method or header name. HTTP/2 transfers names with a length, so that a name may
   * contain a colon or a space, which would start another header here (RFC 9113, section 8.2.1).
   */
  private static void token(String text) {
    boolean token = !text.isEmpty();
    for (int i = 0; i < text.length() && token; i++) {
      char c = text.charAt(i);
      token = c < TOKEN.length && TOKEN[c];
    }
    if (!token) {
      throw new IllegalArgumentException("a header name in the request is not valid");
    }
  }

  private void put(byte[] bytes) {
    room(bytes.length);
    out.put(bytes);
  }

  private void text(String text) {
    room(text.length() + 4);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\r' || c == '\n' || c == 0) {
        throw new IllegalArgumentException("a header of the request contains a line break");
      }
      if (c > 255) {
        // A cast would truncate U+010A to a line feed.
        put(text.substring(i).getBytes(StandardCharsets.UTF_8));
        return;
      }
      out.put((byte) c);
    }
  }

  private void room(int bytes) {
    if (out.remaining() < bytes) {
      throw new IllegalArgumentException("the request's head is too long");
    }
  }
}
