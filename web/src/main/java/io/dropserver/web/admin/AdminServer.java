package io.dropserver.web.admin;

import io.dropserver.schema.host.AdminSettings;
import io.dropserver.schema.host.HostConfigException;
import io.dropserver.web.client.BindFailure;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves {@code /livez}, {@code /readyz} and {@code /metrics} on a separate port. Metrics contain
 * the names of appspaces, but no data of apps. On loopback they need no log-in; on other addresses
 * they need a token, and health says only whether the server is ready. Thread-safe.
 */
public final class AdminServer implements AutoCloseable {
  /**
   * The limit of open connections, which is more than scrapers and probes need. Idle connections
   * are closed after 30 s.
   */
  static final int MAX_CONNECTIONS = 64;

  private final Server server;
  private final ServerConnector connector;

  private AdminServer(Server server, ServerConnector connector) {
    this.server = server;
    this.connector = connector;
  }

  /**
   * Starts listening.
   *
   * @param settings their address is an IP literal
   * @throws io.dropserver.schema.host.HostConfigException when the address is not a loopback one
   *     and there is no token
   * @throws UncheckedIOException when the server cannot listen on the address
   */
  public static AdminServer start(
      AdminSettings settings, PrometheusMeterRegistry registry, ReadinessCheck readinessCheck) {
    InetSocketAddress address = settings.address();
    boolean loopback = InetAddress.ofLiteral(address.getHostString()).isLoopbackAddress();
    if (!loopback && settings.tokenFile().isEmpty()) {
      throw new HostConfigException(
          "other machines can reach the admin address %s; set admin.tokenFile, or listen on 127.0.0.1"
              .formatted(address.getHostString()));
    }
    QueuedThreadPool threads = new QueuedThreadPool(8, 2);
    threads.setName("admin");
    threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(address.getHostString());
    connector.setPort(address.getPort());
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, server));
    server.setHandler(
        new AdminHandler(
            registry, readinessCheck, loopback, settings.tokenFile().map(BearerToken::new)));
    try {
      server.start();
      return new AdminServer(server, connector);
    } catch (Exception e) {
      IOException failure = BindFailure.of(address, "admin.address", e);
      throw new UncheckedIOException(String.valueOf(failure.getMessage()), failure);
    }
  }

  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the admin server does not stop: " + e.getMessage(), e);
    }
  }
}
