package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.Host;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * The appspaces of this instance, as the gateway reaches them for one another: through the front
 * door, as an anonymous visitor. Thread-safe.
 */
public interface Siblings {
  /** An instance without a front door. */
  Siblings NONE =
      new Siblings() {
        @Override
        public Optional<String> at(Host host, int port) {
          return Optional.empty();
        }

        @Override
        public SocketChannel connect() throws IOException {
          throw new IOException("there is no front door");
        }
      };

  /** The appspace that is served under a host and port. */
  Optional<String> at(Host host, int port);

  /** A connection to the front door, in clear; it goes by the {@code Host} of each request. */
  SocketChannel connect() throws IOException;
}
