package io.dropserver.web.client;

import io.dropserver.schema.host.CidrBlock;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
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
  private final ClientConnections clientConnections;
  private final List<CidrBlock> trustedProxies;

  public ClientConnector(
      Server server,
      ClientConnections clientConnections,
      List<CidrBlock> trustedProxies,
      List<ConnectionFactory> spoken) {
    super(server, 1, 1, spoken.toArray(new ConnectionFactory[0]));
    this.clientConnections = clientConnections;
    this.trustedProxies = trustedProxies;
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
  }

  @Override
  protected void onEndPointClosed(EndPoint endPoint) {
    super.onEndPointClosed(endPoint);
    clientConnections.closed(endPoint);
  }
}
