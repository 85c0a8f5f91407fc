package io.dropserver.web.site;

import io.dropserver.base.budget.Budget;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.web.client.ClientKey;
import io.dropserver.web.upstream.UpstreamConnection;
import io.dropserver.web.upstream.UpstreamException;
import io.dropserver.web.upstream.UpstreamPool;
import io.dropserver.web.upstream.UpstreamResponseHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** Forwards WebSocket handshakes to apps. Thread-safe. */
record WebSockets(
    AppLeases leases,
    UpstreamPool pool,
    FrontDoorLimits limits,
    RequestProxy requestProxy,
    RequestMemory memory) {
  private static final String ACCEPT_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3

  static boolean isHandshake(Request request) {
    HttpFields headers = request.getHeaders();
    // A WebSocket takes over the connection, which HTTP/2 requests share.
    return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
        && headers.contains(HttpHeader.UPGRADE)
        && "websocket".equalsIgnoreCase(headers.get(HttpHeader.UPGRADE))
        && headers.contains(HttpHeader.CONNECTION, "Upgrade")
        && request.getMethod().equals("GET");
  }

  /**
   * Opens a WebSocket, or sends the response with which the app refuses it.
   *
   * @throws IllegalArgumentException when the head is too long for the app
   */
  void open(ProxyExchange proxyExchange) throws IOException {
    Optional<Budget<ClientKey>.Claim> claim =
        memory.claim(proxyExchange.client(), RequestMemory.TUNNEL);
    if (claim.isEmpty()) {
      proxyExchange.fail(
          FailurePages.of(memory.refusal(proxyExchange.client(), RequestMemory.TUNNEL)),
          new IOException("too many WebSockets"));
      return;
    }
    proxyExchange.open().hold(claim.get()::close);
    leases.use(proxyExchange, lease -> handshake(proxyExchange, lease));
    proxyExchange.succeed();
  }

  private void handshake(ProxyExchange proxyExchange, Lease lease) throws IOException {
    Request request = proxyExchange.request();
    HttpFields.Mutable headers = proxyExchange.headersForApp();
    headers.put(HttpHeader.CONNECTION, "Upgrade");
    headers.put(HttpHeader.UPGRADE, "websocket");
    UpstreamConnection upstream =
        pool.acquire(
            proxyExchange.route().site().appspace(), lease.address(), lease.generation(), true);
    try (var _ = proxyExchange.open().onEnd(upstream::close)) {
      upstream.setTimeout(proxyExchange.route().site().requestTimeout());
      upstream.send("GET", request.getHttpURI().getPathQuery(), headers, ByteBuffer.allocate(0));
      UpstreamResponseHead head = upstream.readHead("GET", true);
      if (head.status() == 101 && isAccepted(request, head)) {
        tunnel(proxyExchange, upstream, head);
      } else {
        requestProxy.sendResponse(proxyExchange, upstream, head);
      }
    } finally {
      if (!proxyExchange.open().isWebSocket()) {
        upstream.close();
      }
    }
  }

  private static boolean isAccepted(Request request, UpstreamResponseHead head)
      throws UpstreamException {
    String wanted = accept(String.valueOf(request.getHeaders().get("Sec-WebSocket-Key")));
    boolean websocket = "websocket".equalsIgnoreCase(head.headers().get(HttpHeader.UPGRADE));
    if (!websocket || !wanted.equals(head.headers().get("Sec-WebSocket-Accept"))) {
      throw UpstreamException.malformed("its WebSocket handshake is invalid");
    }
    return true;
  }

  private static String accept(String key) {
    try {
      byte[] text = (key + ACCEPT_SALT).getBytes(StandardCharsets.ISO_8859_1);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  private void tunnel(
      ProxyExchange proxyExchange, UpstreamConnection upstream, UpstreamResponseHead head)
      throws IOException {
    Response response = proxyExchange.response();
    HttpFields.Mutable headers = response.getHeaders();
    RequestProxy.forwardHeaders(proxyExchange, head);
    for (String name : new String[] {"Accept", "Protocol", "Extensions"}) {
      String value = head.headers().get("Sec-WebSocket-" + name);
      if (value != null) {
        headers.put("Sec-WebSocket-" + name, value);
      }
    }
    headers.put(HttpHeader.UPGRADE, "websocket");
    headers.put(HttpHeader.CONNECTION, "Upgrade");
    response.setStatus(101);
    upstream.clearTimeout();
    EndPoint client = proxyExchange.connection();
    client.setIdleTimeout(limits.streamIdle().toMillis());
    Tunnel tunnel =
        new Tunnel(
            client,
            proxyExchange.request().getConnectionMetaData().getConnector().getExecutor(),
            upstream,
            proxyExchange.open()::close);
    proxyExchange.open().becomeWebSocket(tunnel::end);
    // If the client disconnects before it receives the 101, Jetty neither opens nor closes the
    // tunnel.
    Request.addCompletionListener(
        proxyExchange.request(),
        failure -> {
          if (failure != null) {
            tunnel.end();
          }
        });
    proxyExchange.request().setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, tunnel);
  }
}
