package io.dropserver.reconciler.customhost;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.site.HostChallenges;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostProbeTest {
  private static final String HOST = "wiki.example.org";

  private final HostChallenges challenges = new HostChallenges();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;

  /** The body of each response, by host and path; with the status 200 unless it is empty. */
  private volatile BiFunction<String, String, Optional<String>> body = challenges::answer;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    server.createContext(
        "/",
        exchange -> {
          String host = exchange.getRequestHeaders().getFirst("Host");
          String path = exchange.getRequestURI().getPath();
          requests.add(host + path);
          Optional<String> text = body.apply(host, path);
          exchange.getResponseHeaders().set("Location", "http://" + HOST + path);
          byte[] bytes = text.orElse("moved").getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(text.isPresent() ? 200 : 302, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Optional<HostProblem> verify(String host, String... addresses)
      throws InterruptedException {
    return verify("http", server.getAddress().getPort(), host, addresses);
  }

  private Optional<HostProblem> verify(String scheme, int port, String host, String... addresses)
      throws InterruptedException {
    try (HostProbe probe =
        new HostProbe(
            challenges,
            name -> scheme + "://" + name + ":" + port,
            name -> {
              List<InetAddress> found = new ArrayList<>();
              for (String address : addresses) {
                found.add(InetAddress.getByName(address));
              }
              if (found.isEmpty()) {
                throw new UnknownHostException(name);
              }
              return found.toArray(InetAddress[]::new);
            },
            Duration.ofSeconds(2))) {
      return probe.verify(host);
    }
  }

  private static Optional<AppspaceReason> reason(Optional<HostProblem> problem) {
    return problem.map(HostProblem::reason);
  }

  @Test
  void aHostThatLeadsHereIsVerified() throws InterruptedException {
    assertThat(verify(HOST, "127.0.0.1")).isEmpty();
    assertThat(requests).hasSize(1);
    assertThat(requests.getFirst()).matches(HOST + "/\\.well-known/dropserver/[\\w-]{43}");
  }

  @Test
  void anotherServerCannotAnswer() throws InterruptedException {
    body = (_, path) -> Optional.of(path);
    assertThat(reason(verify(HOST, "127.0.0.1"))).contains(AppspaceReason.LEADS_ELSEWHERE);
    body = (_, _) -> Optional.empty();
    assertThat(reason(verify(HOST, "127.0.0.1"))).contains(AppspaceReason.LEADS_ELSEWHERE);
    assertThat(requests).as("a redirect is not followed").hasSize(2);
    assertThat(requests.getFirst()).as("each path is new").isNotEqualTo(requests.getLast());
  }

  /** Another server may pass the request on with its own host. */
  @Test
  void anAnswerForAnotherHostDoesNotCount() throws InterruptedException {
    body = (_, path) -> challenges.answer("other.example.org", path);
    assertThat(reason(verify(HOST, "127.0.0.1"))).contains(AppspaceReason.LEADS_ELSEWHERE);
  }

  @Test
  void aNameWithoutAnAddressIsReported() throws InterruptedException {
    assertThat(reason(verify(HOST))).contains(AppspaceReason.HOST_NOT_FOUND);
  }

  /** A name below localhost needs no name server. */
  @Test
  void aLocalNameIsOfThisMachine() throws InterruptedException {
    assertThat(verify("wiki.elsewhere.localhost")).isEmpty();
  }

  @Test
  void otherMachinesOfThePrivateNetworkAreNotRequested() throws InterruptedException {
    Optional<HostProblem> problem =
        verify(HOST, "10.11.12.13", "169.254.169.254", "::ffff:10.1.1.1");
    assertThat(reason(problem)).contains(AppspaceReason.HOST_UNREACHABLE);
    assertThat(problem.orElseThrow().message())
        .contains("10.11.12.13 is neither public nor of this machine", "169.254.169.254 is");
    assertThat(requests).isEmpty();
  }

  @Test
  void aClosedPortIsReported() throws InterruptedException {
    server.stop(0);
    assertThat(reason(verify(HOST, "127.0.0.1"))).contains(AppspaceReason.HOST_UNREACHABLE);
  }

  /** The answer must be within the first 16 KiB. */
  @Test
  void anEndlessResponseEnds() throws InterruptedException {
    body =
        (host, path) -> Optional.of("x".repeat(1 << 20) + challenges.answer(host, path).orElse(""));
    assertThat(reason(verify(HOST, "127.0.0.1"))).contains(AppspaceReason.LEADS_ELSEWHERE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "SSH-2.0-Server\r\n", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 2000\r\n\r\n"})
  void aServerThatDoesNotAnswerInHttpIsAnotherServer(String answer) throws Exception {
    try (ServerSocket odd = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread server = Thread.ofVirtual().start(() -> answer(odd, answer));
      assertThat(reason(verify("http", odd.getLocalPort(), HOST, "127.0.0.1")))
          .contains(AppspaceReason.LEADS_ELSEWHERE);
      server.join();
    }
  }

  private static void answer(ServerSocket server, String answer) {
    try (Socket socket = server.accept()) {
      var _ = socket.getInputStream().read(new byte[4096]);
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Each byte arrives within the limit of a read. */
  @Test
  void aHandshakeThatNeverEndsEnds() throws IOException, InterruptedException {
    try (ServerSocket slow = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread drip = Thread.ofVirtual().start(() -> drip(slow));
      long begin = System.nanoTime();
      assertThat(reason(verify("https", slow.getLocalPort(), HOST, "127.0.0.1")))
          .contains(AppspaceReason.HOST_UNREACHABLE);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
      drip.join();
    }
  }

  /** Sends one record of TLS, byte by byte, for a minute at most. */
  private static void drip(ServerSocket server) {
    try (Socket socket = server.accept()) {
      OutputStream out = socket.getOutputStream();
      out.write(new byte[] {22, 3, 3, 64, 0});
      for (int i = 0; i < 120; i++) {
        out.write(0);
        Thread.sleep(Duration.ofMillis(500));
      }
    } catch (IOException | InterruptedException ended) {
      // The probe closed the connection.
    }
  }
}
