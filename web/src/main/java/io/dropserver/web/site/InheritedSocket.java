package io.dropserver.web.site;

import io.dropserver.schema.host.HostConfig.ListenerSettings;
import io.dropserver.schema.host.HostConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Optional;

/**
 * A listening socket from the service manager, and the configured listener that uses it.
 *
 * @param socket never closed by this process
 */
record InheritedSocket(ServerSocketChannel socket, ListenerSettings listener) {
  /**
   * Finds the listener of the socket. The whole address must match, because the configuration
   * decides by the address whether a listener needs TLS.
   *
   * @throws HostConfigException when no listener has the socket's address
   */
  static Optional<InheritedSocket> of(
      Optional<ServerSocketChannel> inherited, List<ListenerSettings> listen) throws IOException {
    if (inherited.isEmpty()) {
      return Optional.empty();
    }
    if (!(inherited.get().getLocalAddress() instanceof InetSocketAddress at)) {
      throw mismatch(String.valueOf(inherited.get().getLocalAddress()));
    }
    return Optional.of(
        listen.stream()
            .filter(listener -> isAt(listener.address(), at))
            .findFirst()
            .map(listener -> new InheritedSocket(inherited.get(), listener))
            .orElseThrow(() -> mismatch(at.getAddress().getHostAddress() + ":" + at.getPort())));
  }

  private static HostConfigException mismatch(String address) {
    return new HostConfigException(
        "the service manager passed a socket at "
            + address
            + ", but no listener of the configuration has this address; write the same address in"
            + " ListenStream of dropserver.socket and in listen");
  }

  private static boolean isAt(InetSocketAddress configured, InetSocketAddress bound) {
    InetAddress wanted = InetAddress.ofLiteral(configured.getHostString());
    boolean sameHost =
        wanted.isAnyLocalAddress()
            ? bound.getAddress().isAnyLocalAddress()
            : wanted.equals(bound.getAddress());
    return sameHost && configured.getPort() == bound.getPort();
  }
}
