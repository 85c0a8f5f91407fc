package io.dropserver.sandbox.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;

/** A local npm registry with packages that a test defines. */
final class LocalRegistry implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, byte[]> answers = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();

  LocalRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext(
        "/",
        exchange -> {
          requests.add(exchange.getRequestURI().getPath());
          byte[] response = answers.get(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(
              response == null ? 404 : 200, response == null ? -1 : response.length);
          if (response != null) {
            exchange.getResponseBody().write(response);
          }
          exchange.close();
        });
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  /** The requests so far. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /**
   * Serves version 1.0.0 of a package.
   *
   * @param manifest members of its package.json, without braces
   */
  void serve(String name, String module, String manifest) {
    serve(name, module, manifest, tarball -> tarball);
  }

  /**
   * @param more adds entries to the package's tarball
   */
  void serve(String name, String module, String manifest, UnaryOperator<PackageBuilder> more) {
    String own =
        "\"name\": \"%s\", \"version\": \"1.0.0\", \"type\": \"module\", \"main\": \"index.js\"%s"
            .formatted(name, manifest);
    byte[] tarball =
        more.apply(
                PackageBuilder.empty()
                    .file("package/package.json", "{" + own + "}")
                    .file("package/index.js", module))
            .bytes();
    String path = "/" + name + "/-/" + name + "-1.0.0.tgz";
    answers.put(path, tarball);
    answers.put(
        "/" + name,
        """
        {"name": "%s", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {%s, "hasInstallScript": true,
         "dist": {"tarball": "%s", "integrity": "%s"}}}}
        """
            .formatted(name, own, url().resolve(path), integrity(tarball))
            .getBytes(UTF_8));
  }

  private static String integrity(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-512").digest(content);
      return "sha512-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
