package io.dropserver.tests.endtoend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * An in-memory server of restic's REST protocol
 * (https://restic.readthedocs.io/en/stable/REST_backend.html). It can be disconnected, and can
 * accept connections without responding.
 */
final class RestBackend implements Closeable {
  private static final String LIST = "application/vnd.x.restic.rest.v2";

  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final int port = LiveInstance.freePort();
  private Closeable open = () -> {};
  private volatile boolean appendOnly;

  RestBackend() throws IOException {}

  String url() {
    return "rest:http://127.0.0.1:" + port + "/";
  }

  void serve() throws IOException {
    open.close();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    open = () -> server.stop(0);
  }

  /** Sets whether the server refuses to delete everything but locks. */
  void appendOnly(boolean on) {
    appendOnly = on;
  }

  void refuse() throws IOException {
    open.close();
    open = () -> {};
  }

  /** Leaves connections in the backlog without accepting them. */
  void hang() throws IOException {
    open.close();
    open = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      switch (exchange.getRequestMethod()) {
        case "POST" -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          if (!path.equals("/")) {
            files.put(path, body);
          }
          exchange.sendResponseHeaders(200, -1);
        }
        case "DELETE" -> exchange.sendResponseHeaders(delete(path), -1);
        case "HEAD" -> {
          byte[] file = files.get(path);
          if (file != null) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(file.length));
          }
          exchange.sendResponseHeaders(file == null ? 404 : 200, -1);
        }
        default -> get(exchange, path);
      }
    }
  }

  private int delete(String path) {
    if (appendOnly && !path.startsWith("/locks/")) {
      return 403;
    }
    return files.remove(path) == null ? 404 : 200;
  }

  private void get(HttpExchange exchange, String path) throws IOException {
    if (path.endsWith("/")) {
      exchange.getResponseHeaders().set("Content-Type", LIST);
      send(exchange, 200, list(path).getBytes(StandardCharsets.UTF_8));
      return;
    }
    byte[] file = files.get(path);
    if (file == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      send(exchange, 200, file);
      return;
    }
    String[] ends = range.substring("bytes=".length()).split("-", 2);
    int from = Integer.parseInt(ends[0]);
    int to = ends[1].isEmpty() ? file.length : Math.min(file.length, Integer.parseInt(ends[1]) + 1);
    send(exchange, 206, Arrays.copyOfRange(file, from, to));
  }

  private String list(String folder) {
    return new TreeMap<>(files)
        .entrySet().stream()
            .filter(file -> file.getKey().startsWith(folder))
            .map(
                file ->
                    "{\"name\": \"%s\", \"size\": %d}"
                        .formatted(
                            file.getKey().substring(folder.length()), file.getValue().length))
            .collect(Collectors.joining(",", "[", "]"));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() throws IOException {
    open.close();
  }
}
