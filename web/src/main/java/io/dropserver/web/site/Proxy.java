package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.schema.text.Sizes;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.frame.TopLevelGuard;
import io.dropserver.web.headers.ResponseHeaders;
import io.dropserver.web.page.Page;
import io.dropserver.web.upstream.ResponseHead;
import io.dropserver.web.upstream.UpstreamConnection;
import io.dropserver.web.upstream.UpstreamException;
import io.dropserver.web.upstream.UpstreamPool;
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

/** Forwards one request to its app and the response back, on the virtual thread of the request. */
final class Proxy {
  private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

  /** Methods that can be sent twice without harm: RFC 9110, section 9.2.2. */
  private static final Set<String> REPEATABLE = Set.of("GET", "HEAD", "OPTIONS");

  /** The timeout for writing one piece of a response to a slow client. */
  private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(60);

  private final SandboxLeases leases;
  private final UpstreamPool pool;
  private final FrontDoorLimits limits;
  private final Guests guests;

  Proxy(SandboxLeases leases, UpstreamPool pool, FrontDoorLimits limits, Guests guests) {
    this.leases = leases;
    this.pool = pool;
    this.limits = limits;
    this.guests = guests;
  }

  void handle(Exchange exchange) {
    Route route = exchange.route();
    try {
      RequestBody body =
          RequestBody.of(exchange.request(), limits, bodyLimit(exchange), exchange.memory());
      answer(exchange, body);
      exchange.succeed();
    } catch (RequestBody.TooLarge e) {
      exchange.fail(
          Page.of(
              413,
              "Too large",
              "This app accepts at most " + Sizes.text(bodyLimit(exchange)) + " at a time."),
          e);
    } catch (RequestBody.Broken e) {
      exchange.fail(Failures.of(e), e);
    } catch (SandboxException e) {
      exchange.fail(Failures.notStarted(e), e);
    } catch (UpstreamException e) {
      LOG.debug("{}: {}", route.site().appspace(), e.getMessage());
      exchange.fail(Failures.upstream(e), e);
    } catch (RefusedResponse e) {
      exchange.fail(Failures.refused(), e);
    } catch (IOException e) {
      exchange.abort(e); // the client disconnected, or reads too slowly
    } catch (IllegalArgumentException e) {
      exchange.fail(Page.of(431, "Request too long", "The request's headers are too long."), e);
    }
  }

  private void answer(Exchange exchange, RequestBody body) throws IOException {
    String appspace = exchange.route().site().appspace();
    Lease lease = leases.lease(appspace);
    try {
      try {
        answer(exchange, body, lease);
      } catch (UpstreamException e) {
        lease = NextLease.after(lease, e, leases, appspace);
        answer(exchange, body, lease);
      }
    } finally {
      lease.close();
    }
  }

  private void answer(Exchange exchange, RequestBody body, Lease lease) throws IOException {
    HttpFields.Mutable headers = exchange.headersForApp();
    body.frame(headers);
    UpstreamConnection upstream = send(exchange, body, headers, lease, false);
    Upload upload = Upload.start(body, upstream, timeout(exchange));
    boolean whole = false;
    ResponseHead head;
    try {
      try {
        head = readHead(exchange, upstream);
      } catch (UpstreamException e) {
        upload.rethrow();
        if (!upstream.stale() || !repeatable(exchange, body)) {
          throw e;
        }
        upstream.close();
        upstream = send(exchange, body, headers, lease, true);
        head = readHead(exchange, upstream);
      }
      try {
        respond(exchange, upstream, head);
      } catch (UpstreamException e) {
        upload.rethrow(); // the client's upload failed, and closed the connection to the app
        throw e;
      }
      whole = upload.finished();
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

  private static boolean repeatable(Exchange exchange, RequestBody body) {
    return body.empty() && REPEATABLE.contains(exchange.request().getMethod());
  }

  private UpstreamConnection send(
      Exchange exchange, RequestBody body, HttpFields headers, Lease lease, boolean again)
      throws UpstreamException {
    boolean fresh = again || !repeatable(exchange, body);
    String appspace = exchange.route().site().appspace();
    UpstreamConnection upstream =
        pool.acquire(appspace, lease.address(), lease.generation(), fresh);
    try {
      upstream.allow(timeout(exchange));
      upstream.send(
          exchange.request().getMethod(),
          exchange.request().getHttpURI().getPathQuery(),
          headers,
          body.whole());
      return upstream;
    } catch (UpstreamException e) {
      upstream.close();
      if (again || !upstream.stale()) {
        throw e;
      }
      return send(exchange, body, headers, lease, true);
    } catch (RuntimeException e) {
      upstream.close();
      throw e;
    }
  }

  private long bodyLimit(Exchange exchange) {
    return Math.min(limits.bodyBytes(), exchange.route().site().requestBodyBytes());
  }

  private static Duration timeout(Exchange exchange) {
    return exchange.route().site().requestTimeout();
  }

  private static ResponseHead readHead(Exchange exchange, UpstreamConnection upstream)
      throws UpstreamException {
    return upstream.readHead(exchange.request().getMethod().equals("HEAD"), false);
  }

  /** Sends a response whose head has been read, and streams its body. */
  void respond(Exchange exchange, UpstreamConnection upstream, ResponseHead head)
      throws IOException {
    Response response = exchange.response();
    Optional<String> refusal =
        ResponseHeaders.forBrowser(
            head.status(),
            head.headers(),
            exchange.route().origin(),
            exchange.route().policy(),
            exchange.recipient(),
            response.getHeaders());
    if (refusal.isPresent()) {
      throw new RefusedResponse(refusal.get());
    }
    response.setStatus(head.status());
    if (head.status() == 204) {
      response.getHeaders().remove(HttpHeader.CONTENT_LENGTH);
    }
    response.getHeaders().add(HttpHeader.VARY, TopLevelGuard.vary(exchange.request()));
    Optional<Guests.Stay> stay =
        exchange.guest().map(guest -> guests.open(exchange.route().site(), guest, upstream::close));
    try {
      pass(exchange, upstream);
    } finally {
      stay.ifPresent(Guests.Stay::close);
    }
  }

  /** Streams the body, inserting the shell's script where required. */
  private void pass(Exchange exchange, UpstreamConnection upstream) throws IOException {
    Response response = exchange.response();
    Runnable abort = () -> exchange.connection().close();
    Optional<FrameScript.Insertion> insertion = Optional.empty();
    boolean first = true;
    boolean last;
    do {
      upstream.allow(limits.streamIdle());
      ByteBuffer piece = upstream.body().next();
      last = upstream.body().complete();
      if (first) {
        insertion = insertion(exchange, piece);
      }
      first = false;
      ByteBuffer sent = insertion.isPresent() ? insertion.get().pass(piece, last) : piece;
      upstream.allow(CLIENT_PATIENCE, abort);
      Content.Sink.write(response, last, sent);
      upstream.suspendDeadline();
    } while (!last);
  }

  private static Optional<FrameScript.Insertion> insertion(Exchange exchange, ByteBuffer first) {
    Response response = exchange.response();
    Route route = exchange.route();
    if (exchange.guarded()) {
      return route.guard().into(response.getStatus(), response.getHeaders(), first);
    }
    return FrameScript.framed(exchange.request())
        ? route.frameScript().into(response.getStatus(), response.getHeaders(), first)
        : Optional.empty();
  }

  /** The app's response must not be passed to a browser. */
  static final class RefusedResponse extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedResponse(String message) {
      super(message);
    }
  }
}
