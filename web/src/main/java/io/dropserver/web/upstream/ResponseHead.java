package io.dropserver.web.upstream;

import org.eclipse.jetty.http.HttpFields;

/**
 * What an app answered, before the body.
 *
 * @param headers as sent, in order
 * @param contentLength of the body that follows or, for HEAD and 304, would follow; -1 if not said
 * @param persistent the connection may carry another request once the body is read
 */
public record ResponseHead(
    int status, HttpFields headers, Framing framing, long contentLength, boolean persistent) {

  /** How the body ends. RFC 9112, section 6.3. */
  public enum Framing {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }
}
