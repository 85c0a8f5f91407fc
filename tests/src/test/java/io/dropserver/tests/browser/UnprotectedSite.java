package io.dropserver.tests.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A sibling of the shell that protects itself only with a {@code SameSite=Lax} cookie, as many
 * sites do. An attack that succeeds here shows that the attack itself works. Thread-safe.
 */
final class UnprotectedSite implements AutoCloseable {
  private final HttpServer server;

  /** The method, path and {@code Cookie} header of each request. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  private UnprotectedSite(HttpServer server) {
    this.server = server;
  }

  static UnprotectedSite start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    UnprotectedSite open = new UnprotectedSite(server);
    server.createContext("/", open::answer);
    server.start();
    return open;
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " "
            + exchange.getRequestHeaders().getFirst("Cookie"));
    byte[] page =
        "<!doctype html><title>Open</title><button>Delete everything</button>"
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/html");
    exchange.getResponseHeaders().set("Set-Cookie", "open=1; HttpOnly; SameSite=Lax; Path=/");
    exchange.sendResponseHeaders(200, page.length);
    exchange.getResponseBody().write(page);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
