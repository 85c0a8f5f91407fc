package io.dropserver.web.admin;

import io.dropserver.web.client.BindFailure;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves {@code /livez}, {@code /readyz} and {@code /metrics} on a loopback port, without a log-in.
 * The responses contain the names of appspaces, but no data of apps. Thread-safe.
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
   * @param address a loopback address as an IP literal
   * @throws IllegalArgumentException when it is not a loopback address
   * @throws UncheckedIOException when the server cannot listen on the address
   */
  public static AdminServer start(
      InetSocketAddress address, PrometheusMeterRegistry registry, ReadinessCheck readinessCheck) {
    if (!InetAddress.ofLiteral(address.getHostString()).isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "the admin address %s must be a loopback one: it has no log-in"
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
    server.setHandler(handler(registry, readinessCheck));
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

  private static Handler handler(PrometheusMeterRegistry registry, ReadinessCheck readinessCheck) {
    return new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        if (!isLoopbackHost(request)) {
          return send(response, 421, "this server does not serve this host name\n", callback);
        }
        return switch (request.getHttpURI().getPath()) {
          case "/livez" -> send(response, 200, "ok\n", callback);
          case "/readyz" ->
              readinessCheck.ready()
                  ? send(response, 200, "ok\n", callback)
                  : send(response, 503, "no revision is in service yet\n", callback);
          case "/metrics" -> send(response, 200, registry.scrape(), callback);
          default -> send(response, 404, "see /livez, /readyz and /metrics\n", callback);
        };
      }
    };
  }

  /**
   * Prevents DNS rebinding: a request of a web page whose host name resolves to this machine has
   * that name in {@code Host}.
   */
  private static boolean isLoopbackHost(Request request) {
    String name = String.valueOf(Request.getServerName(request));
    return name.equals("localhost") || name.startsWith("127.") || name.equals("[::1]");
  }

  private static boolean send(Response response, int status, String text, Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    Content.Sink.write(response, true, text, callback);
    return true;
  }
}
