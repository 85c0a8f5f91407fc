package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An https server on loopback with pages of a test, and a certificate of its own. Thread-safe. */
final class HttpsPages implements AutoCloseable {
  private static final String PASSWORD = "password";

  private final Map<String, byte[]> pages = new ConcurrentHashMap<>();
  private final HttpsServer server;
  private final Path trust;
  private volatile boolean endless;

  private HttpsPages(HttpsServer server, Path trust) {
    this.server = server;
    this.trust = trust;
  }

  /**
   * @param folder for the files of the keys
   */
  static HttpsPages open(Path folder) throws Exception {
    Path keys = folder.resolve("keys.p12");
    keytool("-genkeypair -keyalg EC -dname CN=pages -ext san=ip:127.0.0.1 -storetype PKCS12", keys);
    Path certificate = folder.resolve("pages.pem");
    keytool("-exportcert -rfc -file " + certificate, keys);
    Path trust = folder.resolve("trust.p12");
    keytool("-importcert -noprompt -storetype PKCS12 -file " + certificate, trust);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    HttpsPages opened = new HttpsPages(server, trust);
    server.createContext("/", opened::answer);
    server.start();
    return opened;
  }

  /** Returns the options with which a JVM trusts the certificate. */
  List<String> javaOptions() {
    return List.of(
        "-Djavax.net.ssl.trustStore=" + trust, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
  }

  void put(String path, byte[] content) {
    pages.put(path, content);
  }

  void put(String path, String content) {
    put(path, content.getBytes(UTF_8));
  }

  /** Makes each response endless, or ends this. */
  void answerEndlessly(boolean endless) {
    this.endless = endless;
  }

  URI url(String path) {
    return URI.create("https://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] page = pages.get(exchange.getRequestURI().getPath());
    try (exchange) {
      if (endless) {
        exchange.sendResponseHeaders(200, 0);
        while (endless) {
          exchange.getResponseBody().write(" ".repeat(8192).getBytes(UTF_8));
        }
      } else if (page == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        exchange.sendResponseHeaders(200, page.length);
        exchange.getResponseBody().write(page);
      }
    }
  }

  private static void keytool(String arguments, Path store) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(arguments.split(" ", -1)));
    command.addAll(
        List.of("-alias", "pages", "-keystore", store.toString(), "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static SSLContext context(Path keys) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream input = Files.newInputStream(keys)) {
      store.load(input, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @Override
  public void close() {
    endless = false;
    server.stop(0);
  }
}
