package io.dropserver.base.http1;

import io.dropserver.base.http1.Body.Framing;
import io.dropserver.base.http1.Fields.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses message heads strictly (RFC 9112): no line folding, no white space before a colon, no
 * control characters, at most one way to determine the end of the body.
 */
final class HeadParser {
  static final int MAX_FIELDS = 200;

  private static final int TYPICAL_FIELDS = 16;

  private static final int MAX_LENGTH_DIGITS = 18;

  private final byte[] bytes;
  private final int end;
  private int position;

  /**
   * @param length the length of the head. Only its last line is empty, and CR precedes each LF, so
   *     each loop over a line meets a CR before the end.
   */
  HeadParser(byte[] head, int length) {
    this.bytes = head;
    this.end = length;
  }

  RequestHead request() throws MessageException {
    String method = word("method");
    if (!Syntax.isToken(method)) {
      throw new MessageException("the method is not a token");
    }
    String target = word("target");
    skip("HTTP/1.1\r\n", "the HTTP version is not 1.1");
    Fields fields = fields();
    if (fields.count("host") != 1) {
      throw new MessageException("there is not exactly one Host header");
    }
    return new RequestHead(method, target, fields, body(fields, true, Body.NONE));
  }

  ResponseHead response(String method) throws MessageException {
    skip("HTTP/1.", "the status line does not begin with HTTP/1");
    boolean http11 = bytes[position] == '1';
    skip(http11 ? "1 " : "0 ", "the HTTP version is neither 1.0 nor 1.1");
    int status = status();
    String reason = restOfLine();
    Fields fields = fields();
    Body announced = body(fields, http11, Body.UNTIL_CLOSE);
    boolean bodiless = method.equals("HEAD") || status < 200 || status == 204 || status == 304;
    Body body = bodiless ? Body.NONE : announced;
    // A peer that announces a body for a 204 may also send one.
    boolean contradictory =
        status == 204 && !announced.isEmpty() && announced.framing() != Framing.UNTIL_CLOSE;
    boolean persistent =
        http11
            && !contradictory
            && body.framing() != Framing.UNTIL_CLOSE
            && !fields.tokens("connection").contains("close");
    return new ResponseHead(status, reason, fields, body, persistent);
  }

  private int status() throws MessageException {
    int status = 0;
    for (int i = 0; i < 3; i++) {
      int digit = bytes[position++] - '0';
      if (digit < 0 || digit > 9) {
        throw new MessageException("the status is not a number");
      }
      status = status * 10 + digit;
    }
    if (status < 100 || status > 599 || (bytes[position] != ' ' && bytes[position] != '\r')) {
      throw new MessageException("the status is not a number from 100 to 599");
    }
    return status;
  }

  /** Reads the fields up to the end of the head. */
  Fields fields() throws MessageException {
    List<Field> fields = new ArrayList<>(TYPICAL_FIELDS);
    while (bytes[position] != '\r') {
      if (fields.size() == MAX_FIELDS) {
        throw new MessageException("there are more than " + MAX_FIELDS + " headers");
      }
      int start = position;
      while (bytes[position] != ':') {
        if (!Syntax.isToken(bytes[position])) {
          throw new MessageException("a header's name has a character that a name cannot have");
        }
        position++;
      }
      if (position == start) {
        throw new MessageException("a header has no name");
      }
      String name = text(start, position);
      position++;
      fields.add(new Field(name, restOfLine()));
    }
    if (position + 2 != end) {
      throw new MessageException("a line does not end in CRLF");
    }
    return new Fields(fields);
  }

  /** Reads up to the next space and skips the space. */
  private String word(String what) throws MessageException {
    int start = position;
    while (bytes[position] > ' ' && bytes[position] < 127) {
      position++;
    }
    if (position == start || bytes[position] != ' ') {
      throw new MessageException("the request line has no " + what);
    }
    return text(start, position++);
  }

  private void skip(String expected, String failure) throws MessageException {
    for (int i = 0; i < expected.length(); i++) {
      if (bytes[position++] != expected.charAt(i)) {
        throw new MessageException(failure);
      }
    }
  }

  /**
   * Reads the rest of a line, without leading and trailing white space, and skips the line's end.
   */
  private String restOfLine() throws MessageException {
    int start = position;
    while (bytes[position] != '\r') {
      if (!Syntax.isText(bytes[position] & 0xff)) {
        throw new MessageException("the head has a control character");
      }
      position++;
    }
    int stop = position;
    skip("\r\n", "a line does not end in CRLF");
    while (start < stop && isBlank(bytes[start])) {
      start++;
    }
    while (start < stop && isBlank(bytes[stop - 1])) {
      stop--;
    }
    return text(start, stop);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  private String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static Body body(Fields fields, boolean http11, Body otherwise) throws MessageException {
    boolean chunked = isChunked(fields, http11);
    int count = fields.count("content-length");
    if (count == 0) {
      return chunked ? Body.CHUNKED : otherwise;
    }
    if (chunked) {
      throw new MessageException("both Content-Length and Transfer-Encoding");
    }
    return Body.ofLength(contentLength(count, fields.first("content-length").orElseThrow()));
  }

  private static long contentLength(int count, String value) throws MessageException {
    boolean digits = !value.isEmpty() && value.length() <= MAX_LENGTH_DIGITS;
    for (int i = 0; i < value.length(); i++) {
      digits &= value.charAt(i) >= '0' && value.charAt(i) <= '9';
    }
    if (!digits || count > 1) {
      throw new MessageException("Content-Length is not one number");
    }
    return Long.parseLong(value);
  }

  private static boolean isChunked(Fields fields, boolean http11) throws MessageException {
    int count = fields.count("transfer-encoding");
    if (count == 0) {
      return false;
    }
    String value = fields.first("transfer-encoding").orElseThrow();
    if (count > 1 || !http11 || !value.equalsIgnoreCase("chunked")) {
      throw new MessageException("Transfer-Encoding is not just chunked");
    }
    return true;
  }
}
