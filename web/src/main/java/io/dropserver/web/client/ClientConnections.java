package io.dropserver.web.client;

import io.dropserver.base.budget.Budget;
import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.schema.host.CidrBlock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Limits the number of client connections, and how long a connection may be open without a request.
 * Jetty's idle timeout does not cover slow request heads, because a client that sends a byte now
 * and then is not idle. Thread-safe.
 */
public final class ClientConnections implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(500);

  private final Budget<Object> budget;
  private final long headNanos;
  private final Predicate<Connection> exempt;
  private final ConcurrentHashMap<SocketChannel, OpenConnection> open = new ConcurrentHashMap<>();
  private final WakeableLoop deadlines;

  private static final class OpenConnection {
    private final Budget<Object>.Claim claim;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile long idleSince = System.nanoTime();
    private volatile @Nullable EndPoint endPoint;

    OpenConnection(Budget<Object>.Claim claim) {
      this.claim = claim;
    }
  }

  /**
   * @param perClient the limit of one client that is not a trusted proxy
   * @param headTimeout from the start of a connection, or the end of its last response, to the end
   *     of the next head
   * @param exempt whether a connection has no time limit any more, because it carries no requests
   */
  public ClientConnections(
      long total, long perClient, Duration headTimeout, Predicate<Connection> exempt) {
    this.budget = new Budget<>(total, perClient);
    this.headNanos = headTimeout.toNanos();
    this.exempt = exempt;
    deadlines = new WakeableLoop("connection-deadlines").start(this::checkDeadlines);
  }

  /**
   * Counts an accepted connection.
   *
   * @param trustedProxies addresses without a limit per client, because a proxy forwards all
   *     clients
   * @return false when the connection must be closed
   */
  boolean admit(SocketChannel channel, List<CidrBlock> trustedProxies) throws IOException {
    if (!(channel.getRemoteAddress() instanceof InetSocketAddress peer)) {
      return false; // already disconnected
    }
    Object holder = holder(peer.getAddress(), trustedProxies);
    Optional<Budget<Object>.Claim> claim = budget.claim(holder, 1);
    claim.ifPresent(held -> open.put(channel, new OpenConnection(held)));
    return claim.isPresent();
  }

  private static Object holder(InetAddress peer, List<CidrBlock> trustedProxies) {
    return trustedProxies.stream().anyMatch(range -> range.contains(peer))
        ? new Object() // a unique holder, so that only the total limit applies
        : ClientKey.of(peer);
  }

  void opened(EndPoint endPoint) {
    OpenConnection known = find(endPoint);
    if (known != null) {
      known.endPoint = endPoint;
    }
  }

  void closed(EndPoint endPoint) {
    if (endPoint.getTransport() instanceof SocketChannel channel) {
      forget(channel);
    }
  }

  private void forget(SocketChannel channel) {
    OpenConnection gone = open.remove(channel);
    if (gone != null) {
      gone.claim.close();
    }
  }

  private @Nullable OpenConnection find(EndPoint endPoint) {
    EndPoint lowest = endPoint;
    while (lowest instanceof EndPoint.Wrapper wrapper) {
      lowest = wrapper.unwrap();
    }
    return lowest.getTransport() instanceof SocketChannel channel ? open.get(channel) : null;
  }

  /**
   * Records that the head of a request is complete. The time limit for request heads is suspended
   * until the response has been sent.
   */
  public void requestStarted(Request request) {
    OpenConnection known = find(request.getConnectionMetaData().getConnection().getEndPoint());
    if (known == null) {
      return; // connections of the internal listener are not limited
    }
    known.requests.incrementAndGet();
    Request.addCompletionListener(
        request,
        _ -> {
          known.idleSince = System.nanoTime();
          known.requests.decrementAndGet();
        });
  }

  /** Returns the number of open connections of all clients. */
  public long count() {
    return budget.taken();
  }

  private Duration checkDeadlines() {
    long now = System.nanoTime();
    open.forEach((channel, each) -> check(channel, each, now));
    return TICK;
  }

  private void check(SocketChannel channel, OpenConnection each, long now) {
    if (!channel.isOpen()) {
      forget(channel); // the connection was closed before it had an end point to report that
      return;
    }
    // Read requests before idleSince: a request that ends in between updates idleSince first.
    boolean idle = each.requests.get() == 0;
    EndPoint endPoint = each.endPoint;
    if (idle && now - each.idleSince > headNanos && endPoint != null && !isExempt(endPoint)) {
      endPoint.close();
    }
  }

  private boolean isExempt(EndPoint endPoint) {
    Connection connection = endPoint.getConnection();
    return exempt.test(
        connection instanceof SslConnection ssl
            ? ssl.getSslEndPoint().getConnection()
            : connection);
  }

  @Override
  public void close() {
    deadlines.close();
  }
}
