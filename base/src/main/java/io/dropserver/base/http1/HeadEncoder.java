package io.dropserver.base.http1;

import io.dropserver.base.http1.Fields.Field;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Encodes heads, one after another: {@link #request} or {@link #response}, fields, {@link #end}.
 * Not thread-safe. Each method throws {@link IllegalArgumentException} for text that could be
 * parsed as another line, and when the head becomes too long.
 */
public final class HeadEncoder {
  private final int maxBytes;
  private byte[] head = new byte[1 << 10];
  private int length;

  public HeadEncoder(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Begins a request. */
  public HeadEncoder request(String method, String target) {
    length = 0;
    for (int i = 0; i < target.length(); i++) {
      if (target.charAt(i) <= ' ') {
        throw new IllegalArgumentException("the request's target contains a blank");
      }
    }
    return token(method).text(" ").text(target).line(" HTTP/1.1");
  }

  /** Begins a response. */
  public HeadEncoder response(int status, String reason) {
    length = 0;
    return text("HTTP/1.1 ").text(Integer.toString(status)).text(" ").line(reason);
  }

  public HeadEncoder field(String name, String value) {
    return token(name).text(": ").line(value);
  }

  public HeadEncoder fields(Iterable<Field> fields) {
    for (Field field : fields) {
      field(field.name(), field.value());
    }
    return this;
  }

  /** Ends the head, and writes it. */
  public void end(OutputStream out) throws IOException {
    line("");
    out.write(head, 0, length);
  }

  /** Ends the head. The returned bytes are valid until the next head begins. */
  public ByteBuffer end() {
    line("");
    return ByteBuffer.wrap(head, 0, length);
  }

  /**
   * Adds a method or field name. HTTP/2 transfers names with a length, so that a name may contain a
   * colon or a space, which would start another field here (RFC 9113, section 8.2.1).
   */
  private HeadEncoder token(String text) {
    if (!Syntax.isToken(text)) {
      throw new IllegalArgumentException("a name is not a token");
    }
    return text(text);
  }

  private HeadEncoder line(String text) {
    text(text);
    reserve(2);
    head[length++] = '\r';
    head[length++] = '\n';
    return this;
  }

  private HeadEncoder text(String text) {
    reserve(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Syntax.isText(c)) {
        throw new IllegalArgumentException("a field contains a control character");
      }
      if (c > 255) {
        // A cast would truncate U+010A to a line feed.
        byte[] rest = text.substring(i).getBytes(StandardCharsets.UTF_8);
        reserve(rest.length);
        System.arraycopy(rest, 0, head, length, rest.length);
        length += rest.length;
        return this;
      }
      head[length++] = (byte) c;
    }
    return this;
  }

  private void reserve(int bytes) {
    if (bytes > maxBytes - length) {
      throw new IllegalArgumentException("the head is too long");
    }
    if (bytes > head.length - length) {
      head = Arrays.copyOf(head, Math.min(maxBytes, Math.max(2 * head.length, length + bytes)));
    }
  }
}
