package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.schema.text.Sizes;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.frame.TopLevelGuard;
import io.dropserver.web.headers.ResponseHeaders;
import io.dropserver.web.page.Page;
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
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards requests to apps, and the responses to the clients, on the virtual thread of each
 * request. Thread-safe.
 */
record RequestProxy(
    AppLeases leases, UpstreamPool pool, FrontDoorLimits limits, MemberConnections members) {
  private static final Logger LOG = LoggerFactory.getLogger(RequestProxy.class);

  /** Methods that are safe to repeat (RFC 9110, section 9.2.1). */
  private static final Set<String> REPEATABLE = Set.of("GET", "HEAD", "OPTIONS");

  /** The timeout for writing one piece of a response to a slow client. */
  private static final Duration CLIENT_WRITE_TIMEOUT = Duration.ofSeconds(60);

  void handle(ProxyExchange proxyExchange) {
    try {
      ProxyRequestBody body =
          ProxyRequestBody.of(
              proxyExchange.request(), limits, bodyLimit(proxyExchange), proxyExchange.memory());
      respond(proxyExchange, body);
      proxyExchange.succeed();
    } catch (ProxyRequestBody.TooLarge e) {
      proxyExchange.fail(
          Page.of(
              413,
              "Too large",
              "This app accepts at most " + Sizes.text(bodyLimit(proxyExchange)) + " at a time."),
          e);
    } catch (ProxyRequestBody.IncompleteBody e) {
      proxyExchange.fail(FailurePages.of(e), e);
    } catch (SandboxException | IOException e) {
      fail(proxyExchange, e);
    } catch (IllegalArgumentException e) {
      proxyExchange.fail(
          Page.of(431, "Request headers too long", "The request's headers are too long."), e);
    }
  }

  /** Sends the page for a failure of the app, or aborts the exchange after one of the client. */
  static void fail(ProxyExchange proxyExchange, Exception failure) {
    switch (failure) {
      case SandboxException e ->
          proxyExchange.fail(FailurePages.notStarted(e, proxyExchange.dashboard()), e);
      case UpstreamException e -> {
        LOG.debug("{}: {}", proxyExchange.route().site().appspace(), e.getMessage());
        proxyExchange.fail(FailurePages.upstream(e), e);
      }
      case RefusedResponse e -> proxyExchange.fail(FailurePages.refused(), e);
      default -> proxyExchange.abort(failure); // the client disconnected, or reads too slowly
    }
  }

  private void respond(ProxyExchange proxyExchange, ProxyRequestBody body) throws IOException {
    Lease lease = leases.lease(proxyExchange);
    try {
      try {
        respond(proxyExchange, body, lease);
      } catch (UpstreamException e) {
        lease = leases.leaseNext(proxyExchange, lease, e);
        respond(proxyExchange, body, lease);
      }
    } finally {
      lease.close();
    }
  }

  private void respond(ProxyExchange proxyExchange, ProxyRequestBody body, Lease lease)
      throws IOException {
    HttpFields.Mutable headers = proxyExchange.headersForApp();
    body.addFramingHeaders(headers);
    UpstreamConnection upstream = send(proxyExchange, body, headers, lease, false);
    Upload upload = Upload.start(body, upstream, timeout(proxyExchange));
    boolean whole = false;
    UpstreamResponseHead head;
    try {
      try {
        head = upstream.readHead(proxyExchange.request().getMethod(), false);
      } catch (UpstreamException e) {
        upload.rethrow();
        if (!upstream.isStale() || !isRepeatable(proxyExchange, body)) {
          throw e;
        }
        upstream.close();
        upstream = send(proxyExchange, body, headers, lease, true);
        head = upstream.readHead(proxyExchange.request().getMethod(), false);
      }
      try {
        sendResponse(proxyExchange, upstream, head);
      } catch (UpstreamException e) {
        upload.rethrow(); // the client's upload failed, and closed the connection to the app
        throw e;
      }
      whole = upload.isComplete();
    } finally {
      upload.end();
      if (!whole) {
        upstream.close();
      }
    }
    if (whole) {
      upstream.release(head);
    }
  }

  private static boolean isRepeatable(ProxyExchange proxyExchange, ProxyRequestBody body) {
    return body.isEmpty() && REPEATABLE.contains(proxyExchange.request().getMethod());
  }

  private UpstreamConnection send(
      ProxyExchange proxyExchange,
      ProxyRequestBody body,
      HttpFields headers,
      Lease lease,
      boolean again)
      throws UpstreamException {
    boolean fresh = again || !isRepeatable(proxyExchange, body);
    String appspace = proxyExchange.route().site().appspace();
    UpstreamConnection upstream =
        pool.acquire(appspace, lease.address(), lease.generation(), fresh);
    try {
      upstream.setTimeout(timeout(proxyExchange));
      upstream.send(
          proxyExchange.request().getMethod(),
          proxyExchange.request().getHttpURI().getPathQuery(),
          headers,
          body.whole());
      return upstream;
    } catch (UpstreamException e) {
      upstream.close();
      if (again || !upstream.isStale()) {
        throw e;
      }
      return send(proxyExchange, body, headers, lease, true);
    } catch (RuntimeException e) {
      upstream.close();
      throw e;
    }
  }

  private long bodyLimit(ProxyExchange proxyExchange) {
    return Math.min(limits.bodyBytes(), proxyExchange.route().site().requestBodyBytes());
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
    Optional<MemberConnections.MemberConnection> stay =
        proxyExchange
            .member()
            .map(
                appspaceMember ->
                    members.register(
                        proxyExchange.route().site(), appspaceMember, upstream::close));
    try {
      streamBody(proxyExchange, upstream);
    } finally {
      stay.ifPresent(MemberConnections.MemberConnection::close);
    }
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
    Response response = proxyExchange.response();
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
      Content.Sink.write(response, last, sent);
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
