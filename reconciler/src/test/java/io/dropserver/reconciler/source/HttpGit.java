package io.dropserver.reconciler.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;

/** The real {@code git http-backend} behind the JDK's HTTP server, with faults on demand. */
public final class HttpGit implements AutoCloseable {
  final List<String> authorizations = new CopyOnWriteArrayList<>();
  volatile Fault fault = Fault.NONE;
  volatile String requiredAuthorization = "";

  /** Where requests for {@code /moved.git/…} are redirected; empty if nowhere. */
  volatile String redirectTo = "";

  /** Whether a refused token is answered without a challenge, as Gitea 1.26 does. */
  volatile boolean challengesOnlyAnonymous;

  /** Whether endless responses are compressed. */
  volatile boolean gzip;

  private final HttpServer server;
  private final Path root;

  enum Fault {
    NONE,
    TOO_MANY_REQUESTS,
    SILENT,
    ENDLESS_REFERENCES,
    ENDLESS_RESPONSE,
    CUT_IN_THE_PACK
  }

  public HttpGit(Path root) throws IOException {
    this(root, HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
  }

  /** Serves https. */
  HttpGit(Path root, SSLContext tls) throws IOException {
    this(root, secure(tls));
  }

  private HttpGit(Path root, HttpServer server) {
    this.root = root;
    this.server = server;
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  private static HttpServer secure(SSLContext tls) throws IOException {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return server;
  }

  public String url(String repository) {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return scheme + "://127.0.0.1:" + server.getAddress().getPort() + "/" + repository;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    authorizations.add(authorization == null ? "" : authorization);
    try (exchange) {
      if (fault == Fault.SILENT) {
        awaitInterrupt();
        return;
      }
      if (fault == Fault.TOO_MANY_REQUESTS) {
        exchange.getResponseHeaders().set("Retry-After", "7");
        exchange.sendResponseHeaders(429, -1);
        return;
      }
      String uri = exchange.getRequestURI().toString();
      if (!redirectTo.isEmpty() && uri.startsWith("/moved.git")) {
        exchange
            .getResponseHeaders()
            .set("Location", redirectTo + uri.replaceFirst("moved", "remote"));
        exchange.sendResponseHeaders(301, -1);
        return;
      }
      boolean asks = exchange.getRequestMethod().equals("GET");
      if (fault == Fault.ENDLESS_REFERENCES && asks) {
        endless(exchange, "advertisement", "001e# service=git-upload-pack\n0000");
      }
      if (fault == Fault.ENDLESS_RESPONSE && !asks) {
        endless(exchange, "result", "");
      }
      if (!requiredAuthorization.isEmpty() && !requiredAuthorization.equals(authorization)) {
        if (authorization == null || !challengesOnlyAnonymous) {
          exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"git\"");
        }
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      backend(exchange);
    }
  }

  /** Lists references until the client closes the connection, which is an exception here. */
  private void endless(HttpExchange exchange, String type, String start) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/x-git-upload-pack-" + type);
    if (gzip) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    exchange.sendResponseHeaders(200, 0);
    OutputStream body = exchange.getResponseBody();
    OutputStream out = gzip ? new GZIPOutputStream(body) : body;
    out.write(start.getBytes(StandardCharsets.US_ASCII));
    for (long i = 1_000_000_000L; ; i++) {
      String line = "7217a7c7e582c46cec22a130adf4b9d7d950fba0 refs/tags/v" + i + "\n";
      out.write(("0043" + line).getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static void awaitInterrupt() {
    try {
      new java.util.concurrent.CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void backend(HttpExchange exchange) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("git", "http-backend");
    Map<String, String> environment = builder.environment();
    environment.put("GIT_PROJECT_ROOT", root.toString());
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
    environment.put("PATH_INFO", exchange.getRequestURI().getPath());
    String query = exchange.getRequestURI().getRawQuery();
    environment.put("QUERY_STRING", query == null ? "" : query);
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    header(exchange, "Content-Type", "CONTENT_TYPE", environment);
    header(exchange, "Git-Protocol", "GIT_PROTOCOL", environment);
    header(exchange, "Content-Encoding", "HTTP_CONTENT_ENCODING", environment);
    environment.put("REMOTE_ADDR", "127.0.0.1");
    Process process = builder.start();
    try (var stdin = process.getOutputStream()) {
      exchange.getRequestBody().transferTo(stdin);
    }
    answer(exchange, new BufferedInputStream(process.getInputStream()));
  }

  private static void header(
      HttpExchange exchange, String name, String variable, Map<String, String> environment) {
    String value = exchange.getRequestHeaders().getFirst(name);
    if (value != null) {
      environment.put(variable, value);
    }
  }

  private void answer(HttpExchange exchange, InputStream cgi) throws IOException {
    int status = 200;
    for (String line = line(cgi); !line.isEmpty(); line = line(cgi)) {
      int colon = line.indexOf(':');
      String value = line.substring(colon + 1).strip();
      if (line.startsWith("Status:")) {
        status = Integer.parseInt(value.substring(0, 3));
      } else {
        exchange.getResponseHeaders().set(line.substring(0, colon), value);
      }
    }
    byte[] body = cgi.readAllBytes();
    boolean pack = new String(body, StandardCharsets.ISO_8859_1).contains("PACK");
    if (fault == Fault.CUT_IN_THE_PACK && pack) {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body, 0, body.length / 2);
      exchange.getResponseBody().flush();
      throw new IOException("cut on purpose");
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
