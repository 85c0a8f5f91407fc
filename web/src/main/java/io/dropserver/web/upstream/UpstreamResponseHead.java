package io.dropserver.web.upstream;

import org.eclipse.jetty.http.HttpFields;

/**
 * The head of an app's response.
 *
 * @param headers as sent, in order
 * @param contentLength of the body that follows or, for HEAD and 304, would follow; -1 if unknown
 * @param persistent whether the connection can be reused once the body has been read
 */
public record UpstreamResponseHead(
    int status, HttpFields headers, BodyFraming framing, long contentLength, boolean persistent) {

  /** How the end of the body is determined. RFC 9112, section 6.3. */
  public enum BodyFraming {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }
}
