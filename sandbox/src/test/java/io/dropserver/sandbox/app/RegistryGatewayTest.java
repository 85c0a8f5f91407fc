package io.dropserver.sandbox.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallSandbox.Result;
import io.dropserver.sandbox.app.RegistryGateway.Origin;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryGatewayTest {
  @TempDir Path temp;
  private final AtomicInteger reached = new AtomicInteger();
  private HttpServer registry;
  private RegistryGateway gateway;
  private String origin;

  @BeforeEach
  void open() throws IOException {
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/",
        exchange -> {
          reached.incrementAndGet();
          exchange.getResponseHeaders().set("Location", "http://192.0.2.1/elsewhere");
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/moved") ? 302 : 200, 0);
          exchange.getResponseBody().write("package".getBytes(ISO_8859_1));
          exchange.close();
        });
    registry.start();
    origin = "http://127.0.0.1:" + registry.getAddress().getPort();
    gateway =
        new RegistryGateway(
            temp.resolve("s"),
            Set.of(Origin.of(URI.create(origin))),
            TrustedAuthorities.platformOnly());
  }

  @AfterEach
  void close() {
    gateway.close();
    registry.stop(0);
  }

  @Test
  void aPackageOfARegistryComesThrough() throws IOException {
    assertThat(ask("GET " + origin + "/hono HTTP/1.1"))
        .startsWith("HTTP/1.1 200")
        .endsWith("package");
    assertThat(gateway.refused()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST %s/x HTTP/1.1",
        "PUT %s/x HTTP/1.1",
        "CONNECT 127.0.0.1:%2$s HTTP/1.1",
        "GET https://127.0.0.1:%2$s/x HTTP/1.1",
        "GET http://localhost:%2$s/x HTTP/1.1",
        "GET http://127.0.0.1:%2$s@192.0.2.1/x HTTP/1.1",
        "GET http://192.0.2.1/?%s HTTP/1.1",
        "GET http://127.0.0.1/x HTTP/1.1",
        "GET /x HTTP/1.1",
        "GET file:///etc/passwd HTTP/1.1",
        "nonsense"
      })
  void otherRequestsAreRefused(String request) throws IOException {
    String response = ask(request.formatted(origin, registry.getAddress().getPort()));
    assertThat(response).startsWith("HTTP/1.1 4");
    assertThat(reached).hasValue(0);
  }

  @Test
  void aRedirectIsHandedOnAndNotFollowed() throws IOException {
    assertThat(ask("GET " + origin + "/moved HTTP/1.1"))
        .startsWith("HTTP/1.1 302")
        .containsIgnoringCase("location: http://192.0.2.1/elsewhere");
    assertThat(ask("GET http://192.0.2.1/elsewhere HTTP/1.1")).startsWith("HTTP/1.1 403");
    assertThat(gateway.refused()).containsExactly("http://192.0.2.1/elsewhere");
  }

  /** Deno sees a short package and calls its checksum wrong. */
  @Test
  @Timeout(60)
  void aResponseThatBreaksOffIsTheFaultOfTheNetwork() throws Exception {
    try (var broken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + broken.getLocalPort();
      Path socket = temp.resolve("b");
      CompletableFuture<Void> response =
          CompletableFuture.runAsync(() -> sendHalf(broken), Thread::startVirtualThread);
      try (var to =
          new RegistryGateway(
              socket, Set.of(Origin.of(URI.create(url))), TrustedAuthorities.platformOnly())) {
        ask(socket, "GET " + url + "/hono HTTP/1.1");
        response.get();
        await().until(() -> !to.truncated().isEmpty());
        var checksum = new Result(1, Optional.empty(), "Tarball checksum did not match");
        assertThatThrownBy(() -> InstallOutcome.requireInstalled(checksum, to, true, "remedy"))
            .isInstanceOfSatisfying(
                SandboxException.class,
                e -> assertThat(e.reason()).isEqualTo(AppReason.DEPENDENCIES_FAILED))
            .hasMessageContaining(url + "/hono");
      }
    }
  }

  private static void sendHalf(ServerSocket registry) {
    try (var connection = registry.accept()) {
      while (connection.getInputStream().read() != '\n') {
        // the request line
      }
      String half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\npackage";
      connection.getOutputStream().write(half.getBytes(ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @Timeout(60)
  void aConnectionBeyondTheLimitWaits() throws Exception {
    List<SocketChannel> silent = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      silent.add(SocketChannel.open(UnixDomainSocketAddress.of(temp.resolve("s"))));
    }
    CompletableFuture<String> next =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return ask("GET " + origin + "/hono HTTP/1.1");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    await().during(Duration.ofMillis(300)).until(() -> !next.isDone());
    for (SocketChannel channel : silent) {
      channel.close();
    }
    assertThat(next.join()).endsWith("package");
  }

  /** A module may import any number of URLs. */
  @Test
  void endlessRefusedUrlsFillNoHeap() throws IOException {
    for (int i = 0; i < RegistryGateway.MAX_REPORTED + 20; i++) {
      assertThat(ask("GET http://192.0.2.1/" + i + " HTTP/1.1")).startsWith("HTTP/1.1 403");
    }
    assertThat(gateway.refused()).hasSize(RegistryGateway.MAX_REPORTED);
  }

  @Test
  void aHeaderWithAControlCharacterIsRefused() throws IOException {
    assertThat(ask("GET " + origin + "/hono HTTP/1.1\r\nUser-Agent: a\rX-Other: b"))
        .startsWith("HTTP/1.1 400");
    assertThat(reached).hasValue(0);
  }

  private String ask(String line) throws IOException {
    return ask(temp.resolve("s"), line);
  }

  private static String ask(Path socket, String line) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String head = line + "\r\nHost: x\r\nAccept: */*\r\n\r\n";
      channel.write(ByteBuffer.wrap(head.getBytes(ISO_8859_1)));
      return new String(Channels.newInputStream(channel).readAllBytes(), ISO_8859_1);
    }
  }
}
