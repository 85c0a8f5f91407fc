package io.dropserver.web.admin;

import io.dropserver.schema.host.AdminSettings;
import io.dropserver.schema.host.HostConfigException;
import io.dropserver.web.client.BindFailure;
import io.dropserver.web.client.ClientConnections;
import io.dropserver.web.client.ClientConnector;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
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
  /** The limit of open connections, which is more than scrapers and probes need. */
  static final int MAX_CONNECTIONS = 64;

  /** The limit of open connections of one client, so that others can still probe the server. */
  static final int MAX_PER_CLIENT = 16;

  /** The time without a byte after which a connection is closed. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  /** The time until a head must be complete. It is also the longest time between two requests. */
  private static final Duration HEAD = Duration.ofSeconds(40);

  private final Server server;
  private final ServerConnector connector;

  private final ClientConnections connections;

  private AdminServer(Server server, ServerConnector connector, ClientConnections connections) {
    this.server = server;
    this.connector = connector;
    this.connections = connections;
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
    return start(settings, registry, readinessCheck, HEAD);
  }

  static AdminServer start(
      AdminSettings settings,
      PrometheusMeterRegistry registry,
      ReadinessCheck readinessCheck,
      Duration headTimeout) {
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
    ClientConnections connections =
        new ClientConnections(MAX_CONNECTIONS, MAX_PER_CLIENT, headTimeout, _ -> false);
    ServerConnector connector =
        new ClientConnector(
            server, connections, List.of(), List.of(new HttpConnectionFactory(http)));
    connector.setIdleTimeout(IDLE.toMillis());
    connector.setHost(address.getHostString());
    connector.setPort(address.getPort());
    server.addConnector(connector);
    server.setHandler(
        new AdminHandler(
            registry,
            readinessCheck,
            loopback,
            settings.tokenFile().map(BearerToken::new),
            connections));
    try {
      server.start();
      return new AdminServer(server, connector, connections);
    } catch (Exception e) {
      connections.close();
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
    } finally {
      connections.close();
    }
  }
}
