package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.web.access.OpenExchange;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.frame.TopLevelGuard;
import io.dropserver.web.headers.ResponseHeaders;
import io.dropserver.web.upstream.UpstreamConnection;
import io.dropserver.web.upstream.UpstreamException;
import io.dropserver.web.upstream.UpstreamPool;
import io.dropserver.web.upstream.UpstreamResponseHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;

/**
 * Forwards requests to apps, and the responses to the clients, on the virtual thread of each
 * request. Thread-safe.
 */
record RequestProxy(AppLeases leases, UpstreamPool pool, FrontDoorLimits limits) {
  /** Methods that are safe to repeat (RFC 9110, section 9.2.1). */
  private static final Set<String> REPEATABLE = Set.of("GET", "HEAD", "OPTIONS");

  /** The timeout for writing one piece of a response to a slow client. */
  private static final Duration CLIENT_WRITE_TIMEOUT = Duration.ofSeconds(60);

  /**
   * Forwards a request and its response.
   *
   * @throws IllegalArgumentException when the head is too long for the app
   */
  void forward(ProxyExchange proxyExchange) throws IOException {
    ProxyRequestBody body = ProxyRequestBody.of(proxyExchange, limits);
    proxyExchange.open().check();
    leases.use(proxyExchange, lease -> respond(proxyExchange, body, lease));
    proxyExchange.succeed();
  }

  private void respond(ProxyExchange proxyExchange, ProxyRequestBody body, Lease lease)
      throws IOException {
    HttpFields.Mutable headers = proxyExchange.headersForApp();
    body.addFramingHeaders(headers);
    Sent sent = send(proxyExchange, body, headers, lease, false);
    Upload upload = Upload.start(body, sent.upstream(), timeout(proxyExchange));
    boolean whole = false;
    UpstreamResponseHead head;
    try {
      try {
        head = sent.upstream().readHead(proxyExchange.request().getMethod(), false);
      } catch (UpstreamException e) {
        upload.rethrow();
        if (!sent.upstream().isStale() || !isRepeatable(proxyExchange, body)) {
          throw e;
        }
        sent.close();
        sent = send(proxyExchange, body, headers, lease, true);
        head = sent.upstream().readHead(proxyExchange.request().getMethod(), false);
      }
      try {
        sendResponse(proxyExchange, sent.upstream(), head);
      } catch (UpstreamException e) {
        upload.rethrow(); // the client's upload failed, and closed the connection to the app
        throw e;
      }
      whole = upload.isComplete();
    } finally {
      upload.end();
      if (!whole) {
        sent.close();
      }
    }
    if (whole) {
      sent.release(head);
    }
  }

  /**
   * A request that was sent to the app.
   *
   * @param ending closes the connection when the right of the exchange ends
   */
  private record Sent(UpstreamConnection upstream, OpenExchange.Ending ending) {
    void close() {
      ending.close();
      upstream.close();
    }

    /** Returns the connection to the pool, from which another request may then take it. */
    void release(UpstreamResponseHead head) {
      if (ending.withdraw()) {
        upstream.release(head);
      } else {
        upstream.close();
      }
    }
  }

  private static boolean isRepeatable(ProxyExchange proxyExchange, ProxyRequestBody body) {
    return body.isEmpty() && REPEATABLE.contains(proxyExchange.request().getMethod());
  }

  private Sent send(
      ProxyExchange proxyExchange,
      ProxyRequestBody body,
      HttpFields headers,
      Lease lease,
      boolean again)
      throws IOException {
    boolean fresh = again || !isRepeatable(proxyExchange, body);
    String appspace = proxyExchange.route().site().appspace();
    UpstreamConnection upstream =
        pool.acquire(appspace, lease.address(), lease.generation(), fresh);
    Sent sent = new Sent(upstream, proxyExchange.open().onEnd(upstream::close));
    try {
      upstream.setTimeout(timeout(proxyExchange));
      upstream.send(
          proxyExchange.request().getMethod(),
          proxyExchange.request().getHttpURI().getPathQuery(),
          headers,
          body.whole());
      return sent;
    } catch (UpstreamException e) {
      sent.close();
      if (again || !upstream.isStale()) {
        throw e;
      }
      return send(proxyExchange, body, headers, lease, true);
    } catch (RuntimeException e) {
      sent.close();
      throw e;
    }
  }

  private static Duration timeout(ProxyExchange proxyExchange) {
    return proxyExchange.route().site().requestTimeout();
  }

  /** Sends a response whose head has been read, and streams its body. */
  void sendResponse(
      ProxyExchange proxyExchange, UpstreamConnection upstream, UpstreamResponseHead head)
      throws IOException {
    Response response = proxyExchange.response();
    forwardHeaders(proxyExchange, head);
    response.setStatus(head.status());
    if (head.status() == 204) {
      response.getHeaders().remove(HttpHeader.CONTENT_LENGTH);
    }
    response.getHeaders().add(HttpHeader.VARY, TopLevelGuard.vary(proxyExchange.request()));
    streamBody(proxyExchange, upstream);
  }

  /**
   * Adds the headers of the app's response to the response for the client.
   *
   * @throws RefusedResponse when the policy forbids the response
   */
  static void forwardHeaders(ProxyExchange proxyExchange, UpstreamResponseHead head)
      throws RefusedResponse {
    Optional<String> refusal =
        ResponseHeaders.forBrowser(
            head.status(),
            head.headers(),
            proxyExchange.route().origin(),
            proxyExchange.exchange().policy(),
            proxyExchange.recipient(),
            proxyExchange.response().getHeaders());
    if (refusal.isPresent()) {
      throw new RefusedResponse(refusal.get());
    }
  }

  /** Streams the body, and inserts the shell's script or the top-level guard where required. */
  private void streamBody(ProxyExchange proxyExchange, UpstreamConnection upstream)
      throws IOException {
    Runnable abort = () -> proxyExchange.connection().close();
    Optional<FrameScript.Insertion> insertion = Optional.empty();
    boolean first = true;
    boolean last;
    do {
      upstream.setTimeout(limits.streamIdle());
      ByteBuffer piece = upstream.readBody();
      last = upstream.isBodyComplete();
      if (first) {
        insertion = insertion(proxyExchange, piece);
      }
      first = false;
      ByteBuffer sent = insertion.isPresent() ? insertion.get().transform(piece, last) : piece;
      upstream.setTimeout(CLIENT_WRITE_TIMEOUT, abort);
      ClientWrite.write(proxyExchange, last, sent);
      upstream.clearTimeout();
    } while (!last);
  }

  private static Optional<FrameScript.Insertion> insertion(
      ProxyExchange proxyExchange, ByteBuffer first) {
    Response response = proxyExchange.response();
    Route route = proxyExchange.route();
    if (proxyExchange.needsGuard()) {
      return route.guard().guard(response.getStatus(), response.getHeaders(), first);
    }
    return FrameScript.isFramedDocument(proxyExchange.request())
        ? route.frameScript().insertionFor(response.getStatus(), response.getHeaders(), first)
        : Optional.empty();
  }

  /**
   * Thrown when the app's response must not be passed to the client, such as a forbidden redirect.
   */
  static final class RefusedResponse extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedResponse(String message) {
      super(message);
    }
  }
}
