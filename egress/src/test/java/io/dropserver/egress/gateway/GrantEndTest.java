package io.dropserver.egress.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.EgressPolicy.Grant;
import io.dropserver.egress.UrlPattern;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Grants end at their very time: for new requests, and for those in progress. */
class GrantEndTest {
  private static final Instant END = Instant.parse("2027-01-31T18:00:00Z");

  @TempDir Path folder;
  private GatewayFixture fixture;
  private volatile Instant now = END.minusMillis(1);

  @BeforeEach
  void open() throws Exception {
    fixture = new GatewayFixture(folder, GatewayFixture.quick(), List.of(), "127.0.0.0/8");
    fixture.clock = () -> now;
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  private void grantUntilEnd(String url) {
    Grant grant =
        new Grant(
            UrlPattern.parse(url),
            GatewayFixture.METHODS,
            Collections.emptySortedMap(),
            Optional.of(END));
    fixture.account.applyPolicy(
        new EgressPolicy(List.of(grant), List.of(), Collections.emptySortedSet()));
  }

  @Test
  void aRequestAtTheEndIsUndecidedAgain() throws Exception {
    try (LoopbackServer server =
        LoopbackServer.plain(
            (_, out) ->
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(US_ASCII)))) {
      String url = "http://127.0.0.1:" + server.port() + "/";
      grantUntilEnd(url);
      assertThat(fixture.get(url)).startsWith("HTTP/1.1 200");
      now = END;
      assertThat(fixture.get(url)).startsWith("HTTP/1.1 403");
      assertThat(fixture.requests).hasSize(1);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void aRequestInProgressIsCut() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    try (LoopbackServer server =
            LoopbackServer.plain(
                (_, out) -> {
                  out.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<".getBytes(US_ASCII));
                  out.flush();
                  try {
                    ended.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        SocketChannel channel = fixture.connect()) {
      String url = "http://127.0.0.1:" + server.port() + "/";
      grantUntilEnd(url);
      GatewayFixture.write(channel, "GET " + url + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(GatewayFixture.readUntil(channel, "\r\n\r\n<")).endsWith("\r\n\r\n<");
      now = END;
      assertThat(GatewayFixture.readAll(channel)).as("the connection ends").isEmpty();
      ended.countDown();
    }
  }

  @Test
  void theGrantOfAnAppspaceEnds() {
    EgressPolicy policy =
        new EgressPolicy(
            List.of(),
            List.of(),
            new java.util.TreeSet<>(List.of("notes", "wiki")),
            new java.util.TreeMap<>(java.util.Map.of("notes", END)));
    assertThat(policy.at(END.minusNanos(1)).appspaces()).containsExactly("notes", "wiki");
    assertThat(policy.at(END).appspaces()).containsExactly("wiki");
    assertThat(policy.nextEnd(now)).hasValue(END);
    assertThat(policy.nextEnd(END)).isEmpty();
  }
}
