package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.budget.Budget;
import io.dropserver.web.client.Client;
import io.dropserver.web.headers.ResponseHeaders;
import io.dropserver.web.upstream.ResponseHead;
import io.dropserver.web.upstream.UpstreamConnection;
import io.dropserver.web.upstream.UpstreamException;
import io.dropserver.web.upstream.UpstreamPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** Forwards WebSocket handshakes to apps and manages the resulting tunnels. Thread-safe. */
final class WebSockets {
  private static final String ACCEPT_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3

  private final SandboxLeases leases;
  private final UpstreamPool pool;
  private final Proxy proxy;
  private final Guests guests;
  private final FrontDoorLimits limits;
  private final RequestMemory memory;
  private final ConcurrentHashMap<String, Set<Tunnel>> open = new ConcurrentHashMap<>();

  WebSockets(
      SandboxLeases leases,
      UpstreamPool pool,
      FrontDoorLimits limits,
      Proxy proxy,
      Guests guests,
      RequestMemory memory) {
    this.leases = leases;
    this.pool = pool;
    this.proxy = proxy;
    this.guests = guests;
    this.limits = limits;
    this.memory = memory;
  }

  static boolean isHandshake(Request request) {
    HttpFields headers = request.getHeaders();
    // Not over HTTP/2, where many requests share a connection, so that none may take it over.
    return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
        && headers.contains(HttpHeader.UPGRADE)
        && "websocket".equalsIgnoreCase(headers.get(HttpHeader.UPGRADE))
        && headers.contains(HttpHeader.CONNECTION, "Upgrade")
        && request.getMethod().equals("GET");
  }

  void handle(Exchange exchange) {
    Admission tunnels = exchange.route().traffic().tunnels();
    Optional<Admission.Place> admitted = tunnels.enter(exchange.caller());
    if (admitted.isEmpty()) {
      refuse(exchange, tunnels.refusal(exchange.caller()));
      return;
    }
    Optional<Budget<Client>.Claim> claim = memory.claim(exchange.client(), RequestMemory.TUNNEL);
    if (claim.isEmpty()) {
      admitted.get().close();
      refuse(exchange, memory.refusal(exchange.client(), RequestMemory.TUNNEL));
      return;
    }
    Place place = new Place(exchange.route(), admitted.get(), claim.get());
    try {
      enter(exchange, place);
    } catch (SandboxException e) {
      place.leave();
      exchange.fail(Failures.notStarted(e), e);
    } catch (UpstreamException e) {
      place.leave();
      exchange.fail(Failures.upstream(e), e);
    } catch (Proxy.RefusedResponse e) {
      place.leave();
      exchange.fail(Failures.refused(), e);
    } catch (IOException e) {
      place.leave();
      exchange.abort(e);
    } catch (RuntimeException | Error e) {
      place.leave();
      throw e;
    }
  }

  private static void refuse(Exchange exchange, Admission.Refusal refusal) {
    exchange.fail(Failures.of(refusal), new IOException("too many WebSockets"));
  }

  private void enter(Exchange exchange, Place place) throws IOException {
    String appspace = exchange.route().site().appspace();
    Lease lease = leases.lease(appspace);
    place.lease = lease;
    try {
      shakeHands(exchange, place, lease);
    } catch (UpstreamException e) {
      Lease next = NextLease.after(lease, e, leases, appspace);
      place.lease = next;
      shakeHands(exchange, place, next);
    }
  }

  private void shakeHands(Exchange exchange, Place place, Lease lease) throws IOException {
    Request request = exchange.request();
    HttpFields.Mutable headers = exchange.headersForApp();
    headers.put(HttpHeader.CONNECTION, "Upgrade");
    headers.put(HttpHeader.UPGRADE, "websocket");
    UpstreamConnection upstream =
        pool.acquire(exchange.route().site().appspace(), lease.address(), lease.generation(), true);
    boolean tunnelled = false;
    try {
      upstream.allow(exchange.route().site().requestTimeout());
      upstream.send("GET", request.getHttpURI().getPathQuery(), headers, ByteBuffer.allocate(0));
      ResponseHead head = upstream.readHead(false, true);
      if (head.status() == 101 && accepted(request, head)) {
        tunnel(exchange, upstream, head, place);
        tunnelled = true;
        return;
      }
      proxy.respond(exchange, upstream, head);
      place.leave();
      exchange.succeed();
    } finally {
      if (!tunnelled) {
        upstream.close();
      }
    }
  }

  private static boolean accepted(Request request, ResponseHead head) throws UpstreamException {
    String wanted = accept(String.valueOf(request.getHeaders().get("Sec-WebSocket-Key")));
    boolean websocket = "websocket".equalsIgnoreCase(head.headers().get(HttpHeader.UPGRADE));
    if (!websocket || !wanted.equals(head.headers().get("Sec-WebSocket-Accept"))) {
      throw UpstreamException.malformed("its WebSocket handshake is wrong");
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
      Exchange exchange, UpstreamConnection upstream, ResponseHead head, Place place)
      throws IOException {
    Response response = exchange.response();
    HttpFields.Mutable headers = response.getHeaders();
    Optional<String> refusal =
        ResponseHeaders.forBrowser(
            101,
            head.headers(),
            exchange.route().origin(),
            exchange.route().policy(),
            exchange.recipient(),
            headers);
    if (refusal.isPresent()) {
      throw new Proxy.RefusedResponse(refusal.get());
    }
    for (String name : new String[] {"Accept", "Protocol", "Extensions"}) {
      String value = head.headers().get("Sec-WebSocket-" + name);
      if (value != null) {
        headers.put("Sec-WebSocket-" + name, value);
      }
    }
    headers.put(HttpHeader.UPGRADE, "websocket");
    headers.put(HttpHeader.CONNECTION, "Upgrade");
    response.setStatus(101);
    upstream.suspendDeadline();
    EndPoint client = exchange.connection();
    client.setIdleTimeout(limits.streamIdle().toMillis());
    Tunnel tunnel =
        new Tunnel(
            client,
            exchange.request().getConnectionMetaData().getConnector().getExecutor(),
            upstream,
            place::leave);
    place.keep(tunnel, exchange.guest());
    // If the client disconnects before it receives the 101, Jetty neither opens nor closes the
    // tunnel.
    Request.addCompletionListener(
        exchange.request(),
        failure -> {
          if (failure != null) {
            tunnel.end();
          }
        });
    exchange.request().setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, tunnel);
    exchange.succeed();
  }

  /** Closes every WebSocket of an appspace. */
  void disconnect(String appspace) {
    Set<Tunnel> tunnels = open.getOrDefault(appspace, Set.of());
    tunnels.forEach(Tunnel::end);
  }

  void close() {
    open.keySet().forEach(this::disconnect);
  }

  /** The resources of one WebSocket: an admission, memory and a lease. */
  private final class Place {
    private final Route route;
    private final Admission.Place admitted;
    private final Budget<Client>.Claim claim;
    private volatile @org.jspecify.annotations.Nullable Lease lease;
    private volatile @org.jspecify.annotations.Nullable Tunnel tunnel;
    private volatile Optional<Guests.Stay> stay = Optional.empty();

    Place(Route route, Admission.Place admitted, Budget<Client>.Claim claim) {
      this.route = route;
      this.admitted = admitted;
      this.claim = claim;
    }

    void keep(Tunnel kept, Optional<Guest> guest) {
      tunnel = kept;
      stay = guest.map(who -> guests.open(route.site(), who, kept::end));
      open.computeIfAbsent(route.site().appspace(), _ -> ConcurrentHashMap.newKeySet()).add(kept);
    }

    void leave() {
      admitted.close();
      claim.close();
      Lease held = lease;
      if (held != null) {
        held.close();
      }
      stay.ifPresent(Guests.Stay::close);
      Tunnel kept = tunnel;
      if (kept != null) {
        open.computeIfPresent(
            route.site().appspace(),
            (_, tunnels) -> tunnels.remove(kept) && tunnels.isEmpty() ? null : tunnels);
      }
    }
  }
}
