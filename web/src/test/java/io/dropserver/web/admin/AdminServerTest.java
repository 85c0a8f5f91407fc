package io.dropserver.web.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AdminServerTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicBoolean ready = new AtomicBoolean();

  @Test
  void healthAndMetricsAreServed() throws Exception {
    Timer.builder("dropserver.http.request.duration")
        .register(registry)
        .record(Duration.ofMillis(20));
    try (AdminServer server = AdminServer.start(loopback(), registry, ready::get)) {
      assertThat(get(server, "/livez").statusCode()).isEqualTo(200);
      assertThat(get(server, "/readyz").statusCode()).isEqualTo(503);
      ready.set(true);
      assertThat(get(server, "/readyz").statusCode()).isEqualTo(200);
      assertThat(get(server, "/metrics").body())
          .contains("dropserver_http_request_duration_seconds_sum 0.02");
      assertThat(get(server, "/other").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void theServerListensOnLoopbackOnly() {
    InetSocketAddress everywhere = InetSocketAddress.createUnresolved("0.0.0.0", 0);
    assertThatThrownBy(() -> AdminServer.start(everywhere, registry, ready::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.0.0.0");
  }

  @Test
  void connectionsAreLimited() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try (AdminServer server = AdminServer.start(loopback(), registry, ready::get)) {
      for (int i = 0; i < AdminServer.MAX_CONNECTIONS; i++) {
        sockets.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
      }
      for (Socket socket : sockets) {
        ask(socket);
        assertThat(socket.getInputStream().readNBytes(12)).asString().endsWith("200");
      }
      Socket more = new Socket(InetAddress.getLoopbackAddress(), server.port());
      sockets.add(more);
      ask(more);
      more.setSoTimeout(500);
      assertThatThrownBy(() -> more.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      sockets.getFirst().close();
      more.setSoTimeout(20_000);
      assertThat(more.getInputStream().readNBytes(12)).asString().endsWith("200");
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static void ask(Socket socket) throws IOException {
    String request = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  private static InetSocketAddress loopback() {
    return InetSocketAddress.createUnresolved("127.0.0.1", 0);
  }

  private static HttpResponse<String> get(AdminServer server, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
  }
}
