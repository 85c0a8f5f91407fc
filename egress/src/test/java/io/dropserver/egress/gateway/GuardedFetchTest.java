package io.dropserver.egress.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.schema.host.CidrBlock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GuardedFetchTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final CountDownLatch end = new CountDownLatch(1);
  private HttpServer server;
  private EgressGateway open;
  private EgressGateway closed;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    answer("/text", 200, "hello");
    answer("/missing", 404, "");
    redirect("/moved", "/text");
    redirect("/inside", "http://127.0.0.9:1/");
    redirect("/around", "/around");
    redirect("/other", "ftp://example.org/");
    server.createContext(
        "/slow",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    server.start();
    open = gateway(List.of(CidrBlock.parse("127.0.0.1/32").orElseThrow()));
    closed = gateway(List.of());
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    open.close();
    closed.close();
  }

  private static EgressGateway gateway(List<CidrBlock> ranges) {
    return new EgressGateway(
        new EgressGateway.GatewayDependencies(
            Resolver.SYSTEM,
            OwnNames.NONE,
            EgressApprovals.DISCARDING,
            Secrets.NONE,
            PeerAppspaces.NONE,
            InstantSource.system()),
        new AllowedPrivateRanges(ranges, Map.of()),
        List.of(),
        EgressLimits.DEFAULT);
  }

  private void answer(String path, int status, String body) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = body.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
          }
          exchange.close();
        });
  }

  private void redirect(String path, String to) {
    server.createContext(
        path,
        exchange -> {
          exchange.getResponseHeaders().set("Location", to);
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private byte[] get(EgressGateway gateway, String path, int maxBytes, Duration deadline)
      throws IOException {
    URI url = url(path);
    return gateway.fetch().get(url, "text/plain", maxBytes, deadline);
  }

  @Test
  void anExchangeSendsItsBodyAndReportsEachStatus() throws IOException {
    server.createContext(
        "/echo",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange
              .getResponseHeaders()
              .set("Content-Type", exchange.getRequestHeaders().getFirst("Content-Type"));
          exchange.sendResponseHeaders(400, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    GuardedFetch.Answer answer =
        open.fetch()
            .send(
                new GuardedFetch.Call(
                    "POST", url("/echo"), Map.of("Content-Type", "text/x"), "a=b"),
                1000,
                LONG);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.contentType()).isEqualTo("text/x");
    assertThat(answer.body()).isEqualTo("a=b");
    assertThat(send("/moved", 1000, LONG).status()).as("follows no redirect").isEqualTo(302);
  }

  private GuardedFetch.Answer send(String path, int maxBytes, Duration deadline)
      throws IOException {
    return open.fetch()
        .send(new GuardedFetch.Call("GET", url(path), Map.of(), ""), maxBytes, deadline);
  }

  @Test
  void anExchangeEndsAtItsDeadlineAndAtItsSize() {
    assertThatThrownBy(() -> send("/slow", 1000, Duration.ofMillis(300)))
        .hasMessageContaining("did not answer within");
    assertThatThrownBy(() -> send("/text", 4, LONG)).hasMessageContaining("larger than 4 bytes");
    assertThatThrownBy(
            () ->
                closed
                    .fetch()
                    .send(new GuardedFetch.Call("GET", url("/text"), Map.of(), ""), 1000, LONG))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aDocumentIsFetchedThroughRedirects() throws IOException {
    assertThat(get(open, "/text", 5, LONG)).asString(UTF_8).isEqualTo("hello");
    assertThat(get(open, "/moved", 5, LONG)).asString(UTF_8).isEqualTo("hello");
  }

  @Test
  void privateAddressesAreRefusedAlsoAfterARedirect() {
    assertThatThrownBy(() -> get(closed, "/text", 5, LONG))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a public destination");
    assertThatThrownBy(() -> get(open, "/inside", 5, LONG))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a public destination");
  }

  @Test
  void anAnswerThatIsTooLargeOrTooSlowEnds() {
    assertThatThrownBy(() -> get(open, "/text", 4, LONG)).hasMessageContaining("larger than 4");
    assertThatThrownBy(() -> get(open, "/slow", 5, Duration.ofMillis(300)))
        .hasMessageContaining("did not answer within");
    assertThatThrownBy(() -> get(open, "/around", 5, LONG)).hasMessageContaining("redirected");
  }

  @Test
  void otherAnswersAreErrors() {
    assertThatThrownBy(() -> get(open, "/missing", 5, LONG)).hasMessageContaining("status 404");
    assertThatThrownBy(() -> get(open, "/other", 5, LONG)).hasMessageContaining("not used");
  }
}
