package io.dropserver.web.client;

import io.dropserver.schema.host.CidrBlock;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/**
 * A listener that resets a new connection when a limit of {@link ClientConnections} is reached, and
 * whose connections are read in {@linkplain FairEndPoint time slices}.
 */
public final class ClientConnector extends ServerConnector {
  private static final long SHUTDOWN_POLL_MILLIS = 10;

  private final ClientConnections clientConnections;
  private final List<CidrBlock> trustedProxies;

  /** Connections that were accepted, and for which the selector has made no endpoint yet. */
  private final Set<SelectableChannel> accepting = ConcurrentHashMap.newKeySet();

  public ClientConnector(
      Server server,
      ClientConnections clientConnections,
      List<CidrBlock> trustedProxies,
      List<ConnectionFactory> spoken) {
    super(server, 1, 1, spoken.toArray(new ConnectionFactory[0]));
    this.clientConnections = clientConnections;
    this.trustedProxies = trustedProxies;
    getSelectorManager().addEventListener(new FailureListener(accepting));
  }

  /**
   * Stops accepting, and completes when all connections have ended. Jetty's own future may complete
   * before a connection that was accepted last is registered, and its request would not be
   * answered.
   */
  @Override
  public CompletableFuture<Void> shutdown() {
    return super.shutdown().thenCompose(ignored -> lastConnectionsEnd());
  }

  private CompletableFuture<Void> lastConnectionsEnd() {
    if (isStopped() || (accepting.isEmpty() && getConnectedEndPoints().isEmpty())) {
      return CompletableFuture.completedFuture(null);
    }
    return CompletableFuture.runAsync(
            () -> {},
            CompletableFuture.delayedExecutor(SHUTDOWN_POLL_MILLIS, TimeUnit.MILLISECONDS))
        .thenCompose(ignored -> lastConnectionsEnd());
  }

  /** Replaces Jetty's method, and checks the limits before it registers the connection. */
  @Override
  public void accept(int acceptor) throws IOException {
    if (!(getTransport() instanceof ServerSocketChannel listening) || !listening.isOpen()) {
      return;
    }
    @Nullable SocketChannel channel = listening.accept();
    if (channel == null) {
      return; // a shared listener was closed
    }
    try {
      if (!clientConnections.admit(channel, trustedProxies)) {
        // Resets the connection: after an orderly close, the kernel would keep its state for a
        // minute.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
        return;
      }
      channel.configureBlocking(false);
      configure(channel.socket());
      accepting.add(channel);
      getSelectorManager().accept(channel);
    } catch (IOException e) {
      channel.close(); // the client disconnected
    }
  }

  @Override
  protected SocketChannelEndPoint newEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key) {
    FairEndPoint endPoint = new FairEndPoint(channel, selector, key, getScheduler());
    endPoint.setIdleTimeout(getIdleTimeout());
    return endPoint;
  }

  @Override
  protected void onEndPointOpened(EndPoint endPoint) {
    super.onEndPointOpened(endPoint);
    clientConnections.opened(endPoint);
    if (isShutdown()) {
      endPoint.setIdleTimeout(getShutdownIdleTimeout()); // Jetty sets it only for earlier ones
    }
    if (endPoint.getTransport() instanceof SelectableChannel channel) {
      accepting.remove(channel);
    }
  }

  @Override
  protected void onEndPointClosed(EndPoint endPoint) {
    super.onEndPointClosed(endPoint);
    clientConnections.closed(endPoint);
  }

  /** Forgets connections for which no endpoint can be made. Thread-safe. */
  private record FailureListener(Set<SelectableChannel> accepting)
      implements SelectorManager.AcceptListener {
    @Override
    public void onAcceptFailed(SelectableChannel channel, Throwable failure) {
      accepting.remove(channel);
    }
  }
}
