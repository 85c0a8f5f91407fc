package io.dropserver.egress.gateway;

import io.dropserver.base.budget.Budget;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The egress socket of one sandbox. Closing it closes its connections. Rate limits belong to the
 * account, so the appspace's next sandbox continues with the same usage. Thread-safe.
 */
final class EgressListener implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(EgressListener.class);
  private static final int BACKLOG = 256;

  /** The pause after a temporary failure, such as a lack of file descriptors. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final ServerSocketChannel server;
  private final AppConnection.Gateway shared;
  private final EgressAccount account;
  private final Set<AppConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private EgressListener(
      ServerSocketChannel server, AppConnection.Gateway shared, EgressAccount account) {
    this.server = server;
    this.shared = shared;
    this.account = account;
  }

  /**
   * @param socket must not exist; in a folder that no sandbox can write
   */
  static EgressListener open(AppConnection.Gateway shared, EgressAccount account, Path socket)
      throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    EgressListener listener = new EgressListener(server, shared, account);
    var _ = Thread.ofVirtual().name("egress-gateway").start(listener::accept);
    return listener;
  }

  private void accept() {
    while (!closed) {
      try {
        SocketChannel channel = server.accept();
        Optional<Budget<String>.Claim> slot = account.slots().awaitSlot(account, () -> closed);
        if (slot.isPresent()) {
          serve(channel, slot.get());
        } else {
          channel.close();
        }
      } catch (IOException e) {
        if (!closed) {
          LOG.warn("The egress gateway cannot accept a connection of {}", account.appspace(), e);
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void serve(SocketChannel channel, Budget<String>.Claim slot) {
    AppConnection connection = new AppConnection(shared, account, BufferedConnection.of(channel));
    connections.add(connection);
    account.register(connection);
    if (closed) {
      connection.close();
    }
    var _ =
        Thread.ofVirtual()
            .name("egress")
            .start(
                () -> {
                  try {
                    connection.serve();
                  } finally {
                    connections.remove(connection);
                    account.unregister(connection);
                    account.slots().release(slot);
                  }
                });
  }

  @Override
  public void close() throws IOException {
    closed = true;
    server.close();
    connections.forEach(AppConnection::close);
    account.pool().dropAll();
    account.slots().signalChange();
  }
}
