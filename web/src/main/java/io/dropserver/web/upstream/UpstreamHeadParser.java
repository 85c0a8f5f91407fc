package io.dropserver.web.upstream;

import io.dropserver.web.upstream.UpstreamResponseHead.BodyFraming;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Parses the head of a response strictly: lines end only with CRLF, there is no folding and no
 * control characters, and the body's framing must be unambiguous. Everything that a lenient parser
 * could read differently is rejected, so that an app cannot smuggle a header or a second response
 * past the front door.
 */
final class UpstreamHeadParser {
  private static final boolean[] TOKEN = tokenCharacters();

  private final byte[] bytes;
  private final int end;
  private int position;

  private UpstreamHeadParser(byte[] bytes, int end) {
    this.bytes = bytes;
    this.end = end;
  }

  /**
   * @param length of the head, including the final empty line
   * @param toHead whether the request was a HEAD
   */
  static UpstreamResponseHead parse(byte[] bytes, int length, boolean toHead)
      throws UpstreamException {
    return new UpstreamHeadParser(bytes, length).parse(toHead);
  }

  private UpstreamResponseHead parse(boolean toHead) throws UpstreamException {
    boolean http11 = version();
    int status = status();
    HttpFields.Mutable headers = HttpFields.build();
    long contentLength = -1;
    boolean chunked = false;
    boolean persistent = http11;
    while (bytes[position] != '\r') {
      HttpField field = field();
      headers.add(field);
      HttpHeader header = field.getHeader();
      if (header == HttpHeader.CONTENT_LENGTH) {
        contentLength = contentLength(field, contentLength);
      } else if (header == HttpHeader.TRANSFER_ENCODING) {
        chunked = chunked(field, chunked, http11);
      } else if (header == HttpHeader.CONNECTION && field.contains("close")) {
        persistent = false;
      }
    }
    if (position + 2 != end || bytes[position + 1] != '\n') {
      throw UpstreamException.malformed("a line of the head does not end in CRLF");
    }
    if (chunked && contentLength >= 0) {
      throw UpstreamException.malformed("both Content-Length and Transfer-Encoding");
    }
    BodyFraming bodyFraming = framing(status, toHead, chunked, contentLength);
    boolean reusable = persistent && bodyFraming != BodyFraming.UNTIL_CLOSE;
    return new UpstreamResponseHead(status, headers, bodyFraming, contentLength, reusable);
  }

  private static BodyFraming framing(
      int status, boolean toHead, boolean chunked, long contentLength) {
    if (toHead || status < 200 || status == 204 || status == 304) {
      return BodyFraming.NONE;
    }
    if (chunked) {
      return BodyFraming.CHUNKED;
    }
    if (contentLength >= 0) {
      return contentLength == 0 ? BodyFraming.NONE : BodyFraming.LENGTH;
    }
    return BodyFraming.UNTIL_CLOSE;
  }

  private boolean version() throws UpstreamException {
    if (end < 14 || !startsWith("HTTP/1.") || bytes[8] != ' ') {
      throw UpstreamException.malformed("it does not begin with an HTTP/1.1 status line");
    }
    if (bytes[7] != '0' && bytes[7] != '1') {
      throw UpstreamException.malformed("its HTTP version is neither 1.0 nor 1.1");
    }
    return bytes[7] == '1';
  }

  private boolean startsWith(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (bytes[i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private int status() throws UpstreamException {
    int status = 0;
    for (int i = 9; i < 12; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        throw UpstreamException.malformed("its status is not a number");
      }
      status = status * 10 + digit;
    }
    if (status < 100 || status > 599 || (bytes[12] != ' ' && bytes[12] != '\r')) {
      throw UpstreamException.malformed("its status is not a number from 100 to 599");
    }
    position = lineEnd(12) + 2; // the reason phrase is ignored
    return status;
  }

  private HttpField field() throws UpstreamException {
    int colon = position;
    while (colon < end && bytes[colon] != ':') {
      if (bytes[colon] < 0 || !TOKEN[bytes[colon]]) {
        throw UpstreamException.malformed("a header's name has a character that no name may have");
      }
      colon++;
    }
    if (colon == position || colon == end) {
      throw UpstreamException.malformed("a header has no name");
    }
    int stop = lineEnd(colon + 1);
    int from = colon + 1;
    int to = stop;
    while (from < to && blank(bytes[from])) {
      from++;
    }
    while (to > from && blank(bytes[to - 1])) {
      to--;
    }
    String name = new String(bytes, position, colon - position, StandardCharsets.ISO_8859_1);
    String value = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    position = stop + 2;
    return new HttpField(name, value);
  }

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** The position of the CR that ends the line. It is followed by an LF. */
  private int lineEnd(int from) throws UpstreamException {
    for (int i = from; i < end; i++) {
      byte b = bytes[i];
      if (b == '\r' && i + 1 < end && bytes[i + 1] == '\n') {
        return i;
      }
      if ((b >= 0 && b < ' ' && b != '\t') || b == 127) {
        throw UpstreamException.malformed("the head has a control character");
      }
    }
    throw UpstreamException.malformed("a line of the head does not end in CRLF");
  }

  private static long contentLength(HttpField field, long before) throws UpstreamException {
    String value = field.getValue();
    boolean digits = !value.isEmpty() && value.length() <= 18;
    for (int i = 0; i < value.length(); i++) {
      digits &= value.charAt(i) >= '0' && value.charAt(i) <= '9';
    }
    if (before >= 0 || !digits) {
      throw UpstreamException.malformed("its Content-Length is not one number");
    }
    return Long.parseLong(value);
  }

  private static boolean chunked(HttpField field, boolean before, boolean http11)
      throws UpstreamException {
    if (before || !http11 || !field.getValue().equalsIgnoreCase("chunked")) {
      throw UpstreamException.malformed("its Transfer-Encoding is not just chunked");
    }
    return true;
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
