package io.dropserver.web.hook;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Decodes the form field {@code payload} of a streamed form. Not thread-safe. */
final class FormPayload extends FilterInputStream {
  private static final byte[] FIELD = "payload=".getBytes(StandardCharsets.US_ASCII);

  /**
   * @throws IllegalArgumentException when the form does not begin with this field
   */
  FormPayload(InputStream form) throws IOException {
    super(form);
    if (!java.util.Arrays.equals(form.readNBytes(FIELD.length), FIELD)) {
      throw new IllegalArgumentException("the form has no field payload");
    }
  }

  @Override
  public int read() throws IOException {
    int b = in.read();
    return switch (b) {
      case '&' -> -1;
      case '+' -> ' ';
      case '%' -> digit() << 4 | digit();
      default -> b;
    };
  }

  private int digit() throws IOException {
    int digit = Character.digit(in.read(), 16);
    if (digit < 0) {
      throw new IllegalArgumentException("the form has an incomplete percent escape");
    }
    return digit;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    for (int i = 0; i < length; i++) {
      int b = read();
      if (b < 0) {
        return i == 0 ? -1 : i;
      }
      to[offset + i] = (byte) b;
    }
    return length;
  }
}
