package io.dropserver.web.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Debian's ACME test authority, by default with a name server that resolves every name to this
 * machine. It rejects a fifth of all nonces, as a busy authority may.
 */
public final class Pebble implements AutoCloseable {
  public static final String REFUSED = "refused.test";

  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final int port;
  private final int nameManagement = freePort();
  private final List<Process> processes = new ArrayList<>();

  private Pebble(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /**
   * @param identity issues the certificate of its directory
   * @param http the port for HTTP-01
   * @param tls the port for TLS-ALPN-01
   */
  public static Pebble start(Path folder, TestAuthority identity, int http, int tls)
      throws IOException {
    return start(folder, identity, http, tls, Optional.empty());
  }

  /**
   * Starts an authority that resolves names with another name server.
   *
   * @param nameServer its address and port
   */
  public static Pebble start(Path folder, TestAuthority identity, InetSocketAddress nameServer)
      throws IOException {
    return start(folder, identity, freePort(), freePort(), Optional.of(nameServer));
  }

  private static Pebble start(
      Path folder,
      TestAuthority identity,
      int http,
      int tls,
      Optional<InetSocketAddress> nameServer)
      throws IOException {
    identity.issue("pebble", List.of("localhost"), 30);
    Pebble pebble = new Pebble(folder, freePort());
    Path config =
        Files.writeString(
            folder.resolve("pebble.json"),
            """
            {"pebble": {"listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d",
              "certificate": "%s", "privateKey": "%s", "httpPort": %d, "tlsPort": %d,
              "domainBlocklist": ["%s"], "certificateValidityPeriod": 7776000,
              "retryAfter": {"authz": 1, "order": 1}}}
            """
                .formatted(
                    pebble.port,
                    freePort(),
                    identity.chain("pebble"),
                    identity.key("pebble"),
                    http,
                    tls,
                    REFUSED));
    try {
      pebble.serve(config, nameServer);
    } catch (IOException | RuntimeException e) {
      pebble.close();
      throw e;
    }
    return pebble;
  }

  private void serve(Path config, Optional<InetSocketAddress> nameServer) throws IOException {
    String names =
        nameServer.isPresent()
            ? nameServer.get().getHostString() + ":" + nameServer.get().getPort()
            : serveNames();
    run("pebble", "-config", config.toString(), "-dnsserver", names);
    await().atMost(Duration.ofSeconds(60)).until(() -> answers(port));
  }

  private String serveNames() throws IOException {
    String names = "127.0.0.1:" + freePort();
    run(
        "pebble-challtestsrv",
        "-dns01",
        names,
        "-management",
        "127.0.0.1:" + nameManagement,
        "-defaultIPv6",
        "",
        "-http01",
        "",
        "-https01",
        "",
        "-tlsalpn01",
        "",
        "-doh",
        "");
    return names;
  }

  /** Makes lookups of a host by the authority fail, or succeed again. */
  public void resolve(String host, boolean found) throws IOException, InterruptedException {
    String path = found ? "/clear-servfail" : "/set-servfail";
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + nameManagement + path))
            .POST(BodyPublishers.ofString("{\"host\": \"" + host + ".\"}"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }
  }

  public URI directory() {
    return URI.create("https://localhost:" + port + "/dir");
  }

  private void run(String... command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(command[0] + ".log").toFile());
    builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
    builder.environment().put("PEBBLE_AUTHZREUSE", "0");
    builder.environment().put("PEBBLE_WFE_NONCEREJECT", "20");
    processes.add(builder.start());
  }

  /** The number of log lines that contain a text. */
  public long said(String text) throws IOException {
    try (var lines = Files.lines(folder.resolve("pebble.log"))) {
      return lines.filter(line -> line.contains(text)).count();
    }
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  /**
   * Never returns the same port twice, because a returned port may not be bound yet when the next
   * one is requested. It is below those that the kernel gives to clients, which would take it.
   */
  public static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
          DatagramSocket _ = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
        if (GIVEN.add(port)) {
          return port;
        }
      } catch (IOException inUse) {
        // The next one may be free.
      }
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }
}
