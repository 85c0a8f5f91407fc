package io.dropserver.egress.gateway;

import io.dropserver.egress.Host;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * Access to other appspaces of this instance: through the reverse proxy, as an anonymous visitor.
 * Thread-safe.
 */
public interface PeerAppspaces {
  /**
   * The header that names the calling appspace to the front door. The gateway sets it, after it
   * removed the app's own headers of this server. The front door believes it on its internal socket
   * only, and removes it.
   */
  String CALLER = "Dropserver-Caller";

  /** An instance without a reverse proxy. */
  PeerAppspaces NONE =
      new PeerAppspaces() {
        @Override
        public Optional<String> appspaceAt(Host host, int port) {
          return Optional.empty();
        }

        @Override
        public SocketChannel connect() throws IOException {
          throw new IOException("the front door is not available");
        }
      };

  /** Returns the appspace at this host and port. */
  Optional<String> appspaceAt(Host host, int port);

  /**
   * Opens a plain-text connection to the front door, which routes by the {@code Host} of each
   * request.
   */
  SocketChannel connect() throws IOException;
}
