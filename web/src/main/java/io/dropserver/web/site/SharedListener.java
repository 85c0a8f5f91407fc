package io.dropserver.web.site;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections from a listening socket that the service manager also holds. Closing this
 * object leaves the socket open: clients that connect afterwards wait in the kernel's queue for the
 * next server. No connection is taken from the queue and then dropped.
 *
 * <p>The JDK's channel must stay open for another reason: closing an inherited channel redirects
 * standard output and standard error to {@code /dev/null}. Thread-safe.
 */
final class SharedListener extends ServerSocketChannel {
  private final ServerSocketChannel socket;
  private final Selector selector;

  private SharedListener(ServerSocketChannel socket, Selector selector) {
    super(socket.provider());
    this.socket = socket;
    this.selector = selector;
  }

  /**
   * @param socket bound to an address; becomes non-blocking and is never closed
   */
  static SharedListener of(ServerSocketChannel socket) throws IOException {
    socket.configureBlocking(false);
    Selector selector = socket.provider().openSelector();
    socket.register(selector, SelectionKey.OP_ACCEPT);
    return new SharedListener(socket, selector);
  }

  /** Blocks until a client has connected. Returns null if this object was closed. */
  @Override
  public @Nullable SocketChannel accept() throws IOException {
    try {
      while (isOpen()) {
        selector.select();
        if (Thread.currentThread().isInterrupted()) {
          close();
          throw new ClosedByInterruptException();
        }
        selector.selectedKeys().clear();
        @Nullable SocketChannel accepted = isOpen() ? socket.accept() : null;
        if (accepted != null) {
          return accepted;
        }
      }
    } catch (ClosedSelectorException closed) {
      // Another thread closed this object.
    }
    return null;
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    selector.close();
  }

  /** Does nothing: {@link #accept} always blocks. */
  @Override
  protected void implConfigureBlocking(boolean block) {}

  @Override
  public ServerSocketChannel bind(@Nullable SocketAddress local, int backlog) {
    throw new AlreadyBoundException();
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    return socket.getLocalAddress();
  }

  @Override
  public ServerSocket socket() {
    return socket.socket();
  }

  @Override
  public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    return socket.setOption(name, value);
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    return socket.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return socket.supportedOptions();
  }
}
