package io.dropserver.egress.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.EgressPolicy;
import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of an app to the host, past the runtime: each request is written byte by byte. */
@Timeout(30)
class HostApiTest {
  private static final String USERS = "GET http://host.dropserver.invalid/users HTTP/1.1\r\n";

  @TempDir private Path folder;
  private final ConcurrentLinkedQueue<String> calls = new ConcurrentLinkedQueue<>();
  private EgressGateway gateway;
  private EgressAccount account;
  private Closeable listening;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws IOException {
    HostApi hostApi =
        (appspace, call) -> {
          calls.add(appspace + " " + call.method() + " " + call.path() + " " + call.body());
          if (call.path().equals("/broken")) {
            throw new IllegalStateException("the disk with /secret/path is full");
          }
          return new HostApi.Answer(201, "{\"it\":\"is\"}");
        };
    gateway =
        new EgressGateway(
            new EgressGateway.GatewayDependencies(
                Resolver.SYSTEM,
                OwnNames.NONE,
                EgressApprovals.DISCARDING,
                Secrets.NONE,
                PeerAppspaces.NONE,
                hostApi,
                InstantSource.system()),
            AllowedPrivateRanges.NONE,
            List.of(),
            GatewayFixture.quick());
    account = gateway.account("garden");
    listening = gateway.listen(account, folder.resolve("egress.sock"));
  }

  @AfterEach
  void stop() throws IOException {
    listening.close();
    gateway.close();
  }

  private String send(String request) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("egress.sock")))) {
      try {
        GatewayFixture.write(channel, request);
      } catch (IOException refused) {
        // The gateway answered and closed the connection before everything was written.
      }
      return GatewayFixture.readAll(channel);
    }
  }

  private static String post(String headers, String body) {
    return "POST http://host.dropserver.invalid/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        + headers
        + "\r\n"
        + body;
  }

  @Test
  void theHostKnowsTheAppspaceByItsSocketAndNeedsNoWhitelist() throws IOException {
    String answer =
        send(USERS + "Host: x\r\nConnection: close\r\nDropserver-Appspace: other\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 201 ").endsWith("\r\n\r\n{\"it\":\"is\"}");
    assertThat(calls).containsExactly("garden GET /users ");
  }

  @Test
  void aFailureOfTheHostIsAnsweredWithoutItsDetails() throws IOException {
    String first = "GET http://host.dropserver.invalid/broken HTTP/1.1\r\nHost: x\r\n\r\n";
    String answers = send(first + USERS + "Host: x\r\nConnection: close\r\n\r\n");
    assertThat(answers)
        .startsWith("HTTP/1.1 500 ")
        .contains("the host failed", "HTTP/1.1 201 ")
        .doesNotContain("secret");
  }

  @Test
  void aDenialOfEverythingDoesNotConcernTheHost() throws IOException {
    account.applyPolicy(
        GatewayFixture.policy(List.of(), List.of("http://host.dropserver.invalid/")));
    assertThat(send(USERS + "Host: x\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 201 ");
    account.applyPolicy(EgressPolicy.NOTHING);
  }

  @Test
  void aNodeClientReachesTheHostThroughItsPreface() throws IOException {
    String answer =
        send(
            String.join(
                "\r\n",
                "CONNECT host.dropserver.invalid:80 HTTP/1.1",
                "Host: x",
                "Dropserver-Egress: http",
                "Dropserver-Egress-Methods: GET",
                "",
                "GET /users HTTP/1.1",
                "Host: x",
                "Connection: close",
                "",
                ""));
    assertThat(answer).startsWith("HTTP/1.1 200 ").contains("HTTP/1.1 201 ");
    assertThat(calls).containsExactly("garden GET /users ");
  }

  @Test
  void aBodyIsReadInEitherFraming() throws IOException {
    assertThat(send(post("Content-Length: 3\r\n", "Zoë"))).startsWith("HTTP/1.1 400 ");
    assertThat(send(post("Content-Length: 2\r\n", "{}"))).startsWith("HTTP/1.1 201 ");
    assertThat(send(post("Transfer-Encoding: chunked\r\n", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")))
        .startsWith("HTTP/1.1 201 ");
    assertThat(calls).containsExactly("garden POST /x {}", "garden POST /x {}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 16385\r\n",
        "Content-Length: 99999999999\r\n",
        "Expect: 100-continue\r\nContent-Length: 99999999999\r\n"
      })
  void aBodyBeyondTheLimitIsRefusedBeforeItIsRead(String headers) throws IOException {
    assertThat(send(post(headers, "x"))).startsWith("HTTP/1.1 413 ");
    assertThat(calls).isEmpty();
  }

  @Test
  void anEndlessBodyIsRefusedAtTheLimit() throws IOException {
    String chunk = "1000\r\n" + "x".repeat(0x1000) + "\r\n";
    assertThat(send(post("Transfer-Encoding: chunked\r\n", chunk.repeat(40))))
        .startsWith("HTTP/1.1 413 ");
    assertThat(calls).isEmpty();
  }

  @Test
  void aQueryIsRefusedAndARefusalKeepsTheNextRequestApart() throws IOException {
    String first = "GET http://host.dropserver.invalid/users?a=b HTTP/1.1\r\nHost: x\r\n\r\n";
    String answer = send(first + USERS + "Host: x\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 404 ").contains("HTTP/1.1 201 ");
    assertThat(calls).containsExactly("garden GET /users ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://x.host.dropserver.invalid/users",
        "http://dropserver.invalid/users",
        "http://host.dropserver.invalid.example/users"
      })
  void noOtherNameIsTheHost(String url) throws IOException {
    String answer = send("GET " + url + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 403 ");
    assertThat(calls).isEmpty();
  }

  @Test
  void aSandboxThatOnlyTriesAnAppHasNoHost() throws IOException {
    try (EgressGateway closed = EgressGateway.closed(InstantSource.system());
        Closeable _ = closed.listen(closed.account("trial"), folder.resolve("trial.sock"));
        SocketChannel channel =
            SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("trial.sock")))) {
      GatewayFixture.write(channel, USERS + "Host: x\r\nConnection: close\r\n\r\n");
      assertThat(GatewayFixture.readAll(channel))
          .startsWith("HTTP/1.1 404 ")
          .contains("there is no host API here");
    }
  }
}
