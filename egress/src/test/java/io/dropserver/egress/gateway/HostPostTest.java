package io.dropserver.egress.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.egress.gateway.LoopbackServer.Request;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of the server itself, to URLs that people chose. */
@Timeout(60)
class HostPostTest {
  @TempDir private Path folder;

  private GatewayFixture gateway(String... open) throws IOException {
    return new GatewayFixture(folder, GatewayFixture.quick(), List.of(), open);
  }

  @Test
  void theRequestArrivesOnceAndRedirectsAreNotFollowed() throws IOException {
    try (GatewayFixture fixture = gateway("127.0.0.1/32");
        LoopbackServer server =
            LoopbackServer.plain(
                (request, out) ->
                    out.write(
                        "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
                            .getBytes(ISO_8859_1)))) {
      fixture.resolves("ntfy.test", "127.0.0.1");
      int status =
          fixture.gateway.post(
              "http://ntfy.test:" + server.port() + "/topic?a=b",
              Map.of("Title", "x"),
              "Zoë".getBytes(UTF_8));
      assertThat(status).isEqualTo(302);
      assertThat(server.requests()).hasSize(1);
      Request request = server.requests().getFirst();
      assertThat(request.line()).isEqualTo("POST /topic?a=b HTTP/1.1");
      assertThat(request.all("Host")).containsExactly("ntfy.test:" + server.port());
      assertThat(request.all("Title")).containsExactly("x");
      assertThat(request.body()).isEqualTo(new String("Zoë".getBytes(UTF_8), ISO_8859_1));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/s3cret",
        "http://[::1]/s3cret",
        "http://[::ffff:127.0.0.1]/s3cret",
        "http://2130706433/s3cret",
        "http://169.254.169.254/latest/s3cret",
        "http://localhost/s3cret",
        "http://inside.test/s3cret",
        "http://notes.home.test/s3cret",
        "http://home.test/s3cret",
        "http://user:s3cret@ntfy.test/",
        "file:///etc/s3cret"
      })
  void onlyPublicAddressesAreReachedAndErrorsContainNoPath(String url) throws IOException {
    try (GatewayFixture fixture = gateway()) {
      fixture.resolves("inside.test", "10.0.0.7");
      fixture.resolves("ntfy.test", "10.0.0.7");
      assertThatThrownBy(() -> fixture.gateway.post(url, Map.of(), new byte[0]))
          .isInstanceOf(IOException.class)
          .hasMessageNotContaining("s3cret");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::"})
  void ownListenersAreRefusedWhateverIsOpened(String listener) throws IOException {
    try (GatewayFixture fixture = gateway("127.0.0.0/8", "0.0.0.0/8", "::1/128");
        LoopbackServer door = LoopbackServer.plain(LoopbackServer::echo);
        LoopbackServer other = LoopbackServer.plain(LoopbackServer::echo)) {
      fixture.listeners.add(new InetSocketAddress(GatewayFixture.address(listener), door.port()));
      fixture.resolves("ntfy.test", "127.0.0.1");
      for (String host :
          List.of("127.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0", "localhost", "ntfy.test")) {
        String url = "http://" + host + ":" + door.port() + "/";
        assertThatThrownBy(() -> fixture.gateway.post(url, Map.of(), new byte[0]))
            .as(url)
            .hasMessageContaining("this server itself listens");
        fixture.allow(url);
        assertThat(fixture.get(url)).as(url).contains("reason=own-listener");
      }
      String url = "http://ntfy.test:" + other.port() + "/";
      assertThat(fixture.gateway.post(url, Map.of(), new byte[0])).isEqualTo(200);
      assertThat(door.connections()).isZero();
    }
  }

  @Test
  void aResponseThatNeverEndsIsCutOffAtItsHead() throws IOException {
    try (GatewayFixture fixture = gateway("127.0.0.1/32");
        LoopbackServer server =
            LoopbackServer.plain(
                (request, out) -> {
                  out.write("HTTP/1.1 200 OK\r\n".getBytes(ISO_8859_1));
                  for (int i = 0; i < 10_000; i++) {
                    out.write(("X-" + i + ": " + "y".repeat(100) + "\r\n").getBytes(ISO_8859_1));
                  }
                })) {
      String url = "http://127.0.0.1:" + server.port() + "/";
      assertThatThrownBy(() -> fixture.gateway.post(url, Map.of(), new byte[0]))
          .isInstanceOf(IOException.class);
    }
  }
}
