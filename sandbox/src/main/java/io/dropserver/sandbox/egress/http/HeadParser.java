package io.dropserver.sandbox.egress.http;

import io.dropserver.sandbox.egress.http.Body.Framing;
import io.dropserver.sandbox.egress.http.Fields.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A strict parser for message heads (RFC 9112). Only CRLF ends a line; no folding, no blank before
 * a colon, no control characters, exactly one way to determine the end of the body.
 */
public final class HeadParser {
  private static final int MAX_FIELDS = 200;
  private static final boolean[] TOKEN = tokenCharacters();

  private final byte[] bytes;
  private int position;

  private HeadParser(byte[] head) {
    this.bytes = head;
  }

  /**
   * @param head including its final empty line
   */
  public static RequestHead request(byte[] head) throws MessageException {
    return new HeadParser(head).request();
  }

  /**
   * @param method of the request that the response belongs to
   */
  public static ResponseHead response(byte[] head, String method) throws MessageException {
    return new HeadParser(head).response(method);
  }

  private RequestHead request() throws MessageException {
    String method = word("method");
    if (!isToken(method)) {
      throw new MessageException("the method is not a word");
    }
    String target = word("target");
    String version = text(position, lineEnd());
    if (!version.equals("HTTP/1.1")) {
      throw new MessageException("the HTTP version is not 1.1");
    }
    position += version.length() + 2;
    Fields fields = fields();
    if (fields.count("host") != 1) {
      throw new MessageException("there is not exactly one Host header");
    }
    boolean chunked = chunked(fields, true);
    long length = contentLength(fields);
    if (chunked && length >= 0) {
      throw new MessageException("both Content-Length and Transfer-Encoding");
    }
    Body body = chunked ? new Body(Framing.CHUNKED, -1) : length > 0 ? sized(length) : Body.NONE;
    return new RequestHead(method, target, fields, body);
  }

  private ResponseHead response(String method) throws MessageException {
    boolean http11 = version();
    int status = status();
    String reason = reason();
    Fields fields = fields();
    boolean chunked = chunked(fields, http11);
    long length = contentLength(fields);
    if (chunked && length >= 0) {
      throw new MessageException("both Content-Length and Transfer-Encoding");
    }
    Body body = body(method, status, chunked, length);
    boolean persistent =
        http11
            && !fields.tokens("connection").contains("close")
            && body.framing() != Framing.UNTIL_CLOSE;
    return new ResponseHead(status, reason, fields, body, persistent);
  }

  private static Body body(String method, int status, boolean chunked, long length) {
    if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
      return Body.NONE;
    }
    if (chunked) {
      return new Body(Framing.CHUNKED, -1);
    }
    if (length >= 0) {
      return length == 0 ? Body.NONE : sized(length);
    }
    return new Body(Framing.UNTIL_CLOSE, -1);
  }

  private static Body sized(long length) {
    return new Body(Framing.LENGTH, length);
  }

  private boolean version() throws MessageException {
    if (bytes.length < 14 || !text(0, 7).equals("HTTP/1.") || bytes[8] != ' ') {
      throw new MessageException("it does not begin with an HTTP/1.1 status line");
    }
    if (bytes[7] != '0' && bytes[7] != '1') {
      throw new MessageException("its HTTP version is neither 1.0 nor 1.1");
    }
    return bytes[7] == '1';
  }

  private int status() throws MessageException {
    int status = 0;
    for (int i = 9; i < 12; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        throw new MessageException("its status is not a number");
      }
      status = status * 10 + digit;
    }
    if (status < 100 || status > 599 || (bytes[12] != ' ' && bytes[12] != '\r')) {
      throw new MessageException("its status is not a number from 100 to 599");
    }
    position = 12;
    return status;
  }

  private String reason() throws MessageException {
    int stop = lineEnd();
    String reason = text(position, stop).strip();
    position = stop + 2;
    return reason;
  }

  /** Reads up to the next blank and skips it. */
  private String word(String what) throws MessageException {
    int start = position;
    while (position < bytes.length && bytes[position] > ' ' && bytes[position] < 127) {
      position++;
    }
    if (position == start || position >= bytes.length || bytes[position] != ' ') {
      throw new MessageException("the request line has no " + what);
    }
    String word = text(start, position);
    position++;
    return word;
  }

  private Fields fields() throws MessageException {
    List<Field> fields = new ArrayList<>();
    while (position < bytes.length && bytes[position] != '\r') {
      if (fields.size() == MAX_FIELDS) {
        throw new MessageException("there are more than " + MAX_FIELDS + " headers");
      }
      fields.add(field());
    }
    if (position + 2 != bytes.length || bytes[position + 1] != '\n') {
      throw new MessageException("a line of the head does not end in CRLF");
    }
    return new Fields(fields);
  }

  private Field field() throws MessageException {
    int start = position;
    while (position < bytes.length && bytes[position] != ':') {
      if (bytes[position] < 0 || !TOKEN[bytes[position]]) {
        throw new MessageException("a header's name has a character that no name may have");
      }
      position++;
    }
    if (position == start || position == bytes.length) {
      throw new MessageException("a header has no name");
    }
    String name = text(start, position);
    position++;
    int stop = lineEnd();
    String value = text(position, stop).strip();
    position = stop + 2;
    return new Field(name, value);
  }

  /** The position of the CR that ends the line. An LF follows it. */
  private int lineEnd() throws MessageException {
    for (int i = position; i < bytes.length; i++) {
      byte b = bytes[i];
      if (b == '\r' && i + 1 < bytes.length && bytes[i + 1] == '\n') {
        return i;
      }
      if ((b >= 0 && b < ' ' && b != '\t') || b == 127) {
        throw new MessageException("the head has a control character");
      }
    }
    throw new MessageException("a line of the head does not end in CRLF");
  }

  private String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** Returns -1 if there is no Content-Length. */
  private static long contentLength(Fields fields) throws MessageException {
    int count = fields.count("content-length");
    if (count == 0) {
      return -1;
    }
    String value = fields.first("content-length").orElseThrow();
    boolean digits = !value.isEmpty() && value.length() <= 18;
    for (int i = 0; i < value.length(); i++) {
      digits &= value.charAt(i) >= '0' && value.charAt(i) <= '9';
    }
    if (count > 1 || !digits) {
      throw new MessageException("Content-Length is not one number");
    }
    return Long.parseLong(value);
  }

  private static boolean chunked(Fields fields, boolean http11) throws MessageException {
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

  private static boolean isToken(String word) {
    return word.chars().allMatch(c -> c < 128 && TOKEN[c]);
  }

  private static boolean[] tokenCharacters() {
    boolean[] token = new boolean[128];
    for (char c = '0'; c <= 'z'; c++) {
      token[c] = Character.isLetterOrDigit(c);
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      token[c] = true;
    }
    return token;
  }
}
