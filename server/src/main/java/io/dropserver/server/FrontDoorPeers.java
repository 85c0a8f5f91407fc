package io.dropserver.server;

import io.dropserver.egress.Host;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.web.site.FrontDoor;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Lets appspaces reach each other through the front door, if their whitelists allow it.
 *
 * @param socket the front door's internal socket
 */
record FrontDoorPeers(FrontDoor frontDoor, Path socket) implements PeerAppspaces {
  @Override
  public Optional<String> appspaceAt(Host host, int port) {
    return host instanceof Host.Name(String name)
        ? frontDoor.appspaceAt(name, port)
        : Optional.empty();
  }

  @Override
  public SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }
}
