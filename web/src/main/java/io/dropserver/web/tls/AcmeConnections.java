package io.dropserver.web.tls;

import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.Connector;

/**
 * Closes connections with the protocol {@code acme-tls/1} after the handshake, because the protocol
 * transfers no data (RFC 8737, section 3). Thread-safe.
 */
final class AcmeConnections extends AbstractConnectionFactory {
  AcmeConnections() {
    super(SniKeyManager.ACME_PROTOCOL);
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    AbstractConnection closing =
        new AbstractConnection(endPoint, connector.getExecutor()) {
          @Override
          public void onOpen() {
            super.onOpen();
            close();
          }

          @Override
          public void onFillable() {
            close();
          }
        };
    return configure(closing, connector, endPoint);
  }
}
