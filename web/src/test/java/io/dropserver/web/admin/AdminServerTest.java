package io.dropserver.web.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.AdminSettings;
import io.dropserver.schema.host.HostConfigException;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {
  @TempDir Path folder;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicBoolean ready = new AtomicBoolean();

  @Test
  void healthAndMetricsAreServed() throws Exception {
    Timer.builder("dropserver.http.request.duration")
        .register(registry)
        .record(Duration.ofMillis(20));
    try (AdminServer server = AdminServer.start(loopback(), registry, this::problem)) {
      assertThat(get(server, "/livez").statusCode()).isEqualTo(200);
      assertThat(get(server, "/readyz").statusCode()).isEqualTo(503);
      assertThat(get(server, "/readyz").body()).isEqualTo("no sandbox can start\n");
      ready.set(true);
      assertThat(get(server, "/readyz").statusCode()).isEqualTo(200);
      assertThat(get(server, "/metrics").body())
          .contains("dropserver_http_request_duration_seconds_sum 0.02");
      assertThat(get(server, "/other").statusCode()).isEqualTo(404);
    }
  }

  private Optional<String> problem() {
    return ready.get() ? Optional.empty() : Optional.of("no sandbox can start");
  }

  @Test
  void anAddressOfOtherMachinesNeedsAToken() {
    AdminSettings everywhere = new AdminSettings(address("0.0.0.0"), Optional.empty());
    assertThatThrownBy(() -> AdminServer.start(everywhere, registry, this::problem))
        .isInstanceOf(HostConfigException.class)
        .hasMessageContaining("0.0.0.0")
        .hasMessageContaining("admin.tokenFile");
  }

  @Test
  void metricsNeedTheTokenAndHealthDoesNot() throws Exception {
    Path file = Files.writeString(folder.resolve("token"), "right\n");
    AdminSettings settings = new AdminSettings(address("0.0.0.0"), Optional.of(file));
    try (AdminServer server = AdminServer.start(settings, registry, this::problem)) {
      assertThat(get(server, "/livez").statusCode()).isEqualTo(200);
      assertThat(get(server, "/readyz").body()).as("no detail").isEqualTo("not ready\n");
      assertThat(get(server, "/metrics").statusCode()).isEqualTo(401);
      assertThat(metrics(server, "Bearer wrong")).isEqualTo(401);
      assertThat(metrics(server, "right")).isEqualTo(401);
      assertThat(metrics(server, "bearer right")).isEqualTo(200);
      Files.writeString(file, "");
      assertThat(metrics(server, "Bearer right")).isEqualTo(401);
      assertThat(metrics(server, "Bearer ")).as("an empty file is no token").isEqualTo(401);
    }
  }

  private static int metrics(AdminServer server, String authorization) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + "/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(uri).header("Authorization", authorization).build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  /** What DNS rebinding makes a browser send. The name may look like an address. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "127.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1.evil.example:9464",
        "localhost.evil.example",
      })
  void aNameThatLeadsToThisMachineIsRefused(String name) throws Exception {
    try (AdminServer server = AdminServer.start(loopback(), registry, this::problem)) {
      for (String path : List.of("/livez", "/readyz", "/metrics")) {
        assertThat(statusLine(server, path, name)).contains(" 421 ");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1:9464", "127.1.2.3", "[::1]:9464"})
  void aNameOfThisMachineIsServed(String name) throws Exception {
    try (AdminServer server = AdminServer.start(loopback(), registry, this::problem)) {
      assertThat(statusLine(server, "/metrics", name)).contains(" 200 ");
    }
  }

  private static String statusLine(AdminServer server, String path, String name)
      throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String request = "GET " + path + " HTTP/1.1\r\nHost: " + name + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return String.valueOf(
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine());
    }
  }

  @Test
  void connectionsAreLimitedPerClientAndInTotal() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try (AdminServer server = AdminServer.start(loopback(), registry, this::problem)) {
      int clients = AdminServer.MAX_CONNECTIONS / AdminServer.MAX_PER_CLIENT;
      for (int client = 1; client <= clients; client++) {
        for (int i = 0; i < AdminServer.MAX_PER_CLIENT; i++) {
          sockets.add(connect(server, client));
          assertServed(sockets.getLast());
        }
        assertReset(connect(server, client));
      }
      assertReset(connect(server, clients + 1));
      sockets.getFirst().close();
      await()
          .ignoreExceptionsInstanceOf(IOException.class)
          .untilAsserted(
              () -> {
                try (Socket other = connect(server, clients + 1)) {
                  assertServed(other);
                }
              });
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void aSlowlySentHeadTimesOut() throws Exception {
    Duration head = Duration.ofSeconds(1);
    try (AdminServer server = AdminServer.start(loopback(), registry, this::problem, head);
        Socket slow = connect(server, 1)) {
      slow.setSoTimeout(100);
      slow.getOutputStream()
          .write("GET /livez HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));
      await().until(() -> isClosedAfterAByte(slow));
    }
  }

  private static boolean isClosedAfterAByte(Socket socket) {
    try {
      socket.getOutputStream().write('a');
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (IOException closed) {
      return true;
    }
  }

  /** Connects from a loopback address of its own for each client. */
  private static Socket connect(AdminServer server, int client) throws IOException {
    InetAddress own = InetAddress.ofLiteral("127.0.0." + client);
    return new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port(), own, 0);
  }

  private static void assertServed(Socket socket) throws IOException {
    ask(socket);
    assertThat(socket.getInputStream().readNBytes(12)).asString().endsWith("200");
  }

  private static void assertReset(Socket socket) throws IOException {
    try (socket) {
      socket.setSoTimeout(20_000);
      assertThatThrownBy(
              () -> {
                ask(socket);
                if (socket.getInputStream().read() < 0) {
                  throw new IOException("closed");
                }
              })
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
  }

  private static void ask(Socket socket) throws IOException {
    String request = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  private static AdminSettings loopback() {
    return new AdminSettings(address("127.0.0.1"), Optional.empty());
  }

  private static InetSocketAddress address(String host) {
    return InetSocketAddress.createUnresolved(host, 0);
  }

  private static HttpResponse<String> get(AdminServer server, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
  }
}
