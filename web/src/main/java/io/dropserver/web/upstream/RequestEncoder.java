package io.dropserver.web.upstream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes a request's head as bytes, and nothing that could be read as another line. */
final class RequestEncoder {
  private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ByteBuffer out;

  RequestEncoder(ByteBuffer out) {
    this.out = out;
  }

  void line(String method, String target) {
    text(method);
    out.put((byte) ' ');
    text(target);
    put(VERSION);
  }

  void header(String name, String value) {
    text(name);
    out.put((byte) ':').put((byte) ' ');
    text(value);
    out.put((byte) '\r').put((byte) '\n');
  }

  void end() {
    room(2);
    out.put((byte) '\r').put((byte) '\n');
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
        throw new IllegalArgumentException("a header of the request holds a line break");
      }
      if (c > 255) {
        // A cast would cut U+010A down to a line feed.
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
