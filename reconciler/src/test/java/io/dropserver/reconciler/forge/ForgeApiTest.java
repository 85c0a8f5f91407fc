package io.dropserver.reconciler.forge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.reconciler.source.WriteException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForgeApiTest {
  private static final Instant DATE = Instant.parse("2026-11-26T08:00:00Z");

  @TempDir private Path folder;
  private final AtomicInteger requests = new AtomicInteger();
  private volatile int status = 200;
  private volatile Instant now = DATE;
  private HttpServer server;
  private HttpClient http;
  private ForgeApi api;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          exchange.getResponseHeaders().add("Retry-After", "60");
          byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    http = HttpClient.newHttpClient();
    Path token = Files.writeString(folder.resolve("token"), "secret");
    api =
        new ForgeApi(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            new ForgeApi.Access("Authorization", "Bearer ", Map.of(), token),
            http,
            () -> now,
            Duration.ofSeconds(20));
  }

  @AfterEach
  void stop() {
    http.close();
    server.stop(0);
  }

  @Test
  void aRateLimitOfALaterDateDelaysNoRequestWhenTheDateIsCorrected() {
    now = DATE.plus(Duration.ofDays(3650));
    status = 429;
    assertThatThrownBy(() -> api.get("/x")).isInstanceOf(WriteException.class);
    status = 200;
    assertThatThrownBy(() -> api.get("/x")).hasMessageContaining("too many requests");
    assertThat(requests).hasValue(1);
    now = DATE;
    assertThat(api.get("/x").isObject()).isTrue();
  }
}
