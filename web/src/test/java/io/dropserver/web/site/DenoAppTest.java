package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.state.site.Site;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The front door with a real Deno process. */
@Tag("slow")
class DenoAppTest {
  /**
   * Java clients cannot resolve names below localhost. This host is not below the domain, so the
   * front door treats it as another site.
   */
  private static final String HOST = "127.0.0.1";

  private static final String APP =
      """
      Deno.serve({ path: Deno.args[0], onListen() {} }, async (request) => {
        if (request.headers.get("upgrade") === "websocket") {
          const { socket, response } = Deno.upgradeWebSocket(request);
          socket.onmessage = (event) => socket.send(event.data);
          return response;
        }
        const url = new URL(request.url.replace("http+unix://", "http://"));
        if (url.pathname.endsWith("/count")) {
          let bytes = 0;
          for await (const chunk of request.body ?? []) bytes += chunk.length;
          return new Response(String(bytes));
        }
        if (url.pathname.endsWith("/fill")) {
          let left = Number(url.searchParams.get("mib"));
          const mib = new Uint8Array(1 << 20);
          return new Response(new ReadableStream({
            pull(controller) {
              if (left-- > 0) controller.enqueue(mib); else controller.close();
            },
          }));
        }
        return new Response("hello", { headers: { "set-cookie": "a=1", "x-seen": request.headers.get("cookie") ?? "" } });
      });
      """;

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private FrontDoorFixture door;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Process deno;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void start() throws IOException {
    Path program = deno();
    Assumptions.assumeTrue(Files.isExecutable(program), "bin/setup has not installed Deno here");
    FrontDoorLimits limits =
        new FrontDoorLimits(
            2L << 30,
            256,
            256,
            4096,
            4096,
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            500,
            Duration.ofHours(1),
            20_000);
    door = new FrontDoorFixture(limits, List.of());
    Path socket = door.socket("deno");
    Path script = Files.writeString(folder.resolve("app.ts"), APP);
    deno =
        new ProcessBuilder(program.toString(), "run", "-A", script.toString(), socket.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(socket));
    Site site = FrontDoorFixture.site("deno");
    door.declare(
        Sites.withRequestBody(
            Sites.site(
                "deno",
                HOST,
                site.access(),
                site.publicPaths(),
                site.browser(),
                site.requestTimeout(),
                site.state()),
            2L << 30));
    door.leases.serve("deno", socket);
  }

  private static Path deno() {
    Path here = Path.of("").toAbsolutePath();
    Path tools = Path.of("tools/node_modules/@deno/linux-x64-glibc/deno");
    return Files.exists(here.resolve(tools))
        ? here.resolve(tools)
        : here.resolve("..").resolve(tools);
  }

  @AfterEach
  void stop() throws IOException, InterruptedException {
    client.close();
    deno.destroyForcibly().waitFor();
    door.close();
  }

  @Test
  void anAppIsServedAndItsCookiesRoundTrip() throws Exception {
    HttpResponse<String> first = get("/");
    assertThat(first.body()).isEqualTo("hello");
    assertThat(first.headers().firstValue("Set-Cookie"))
        .contains("__Host-a=1; Path=/; Secure; SameSite=None; Partitioned");
    HttpRequest again = request("/").header("Cookie", "__Host-a=1; sibling=2").build();
    assertThat(client.send(again, BodyHandlers.ofString()).headers().firstValue("X-Seen"))
        .contains("a=1");
  }

  @Test
  void sixtyFourMebibytesPassBothWays() throws Exception {
    passBothWays(64);
  }

  @Test
  @Tag("long")
  void aGibibytePassesBothWaysWithoutHeapGrowth() throws Exception {
    System.gc();
    long before = used();
    passBothWays(1024);
    System.gc();
    assertThat(used() - before).isLessThan(64L << 20);
  }

  private static long used() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void passBothWays(int mib) throws Exception {
    HttpResponse<InputStream> down =
        client.send(request("/fill?mib=" + mib).build(), BodyHandlers.ofInputStream());
    long bytes = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = down.body()) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        bytes += n;
      }
    }
    assertThat(bytes).isEqualTo((long) mib << 20);
    byte[] piece = new byte[1 << 20];
    Iterable<byte[]> pieces =
        () -> java.util.stream.Stream.generate(() -> piece).limit(mib).iterator();
    for (boolean sized : new boolean[] {true, false}) {
      HttpRequest.BodyPublisher body = BodyPublishers.ofByteArrays(pieces);
      if (sized) {
        body = BodyPublishers.fromPublisher(body, (long) mib << 20);
      }
      HttpRequest up = request("/count").POST(body).build();
      assertThat(client.send(up, BodyHandlers.ofString()).body())
          .isEqualTo(Long.toString((long) mib << 20));
    }
  }

  @Test
  void aThousandWebSocketsEcho() throws Exception {
    int count = 1000;
    CountDownLatch echoes = new CountDownLatch(count);
    List<WebSocket> open = new ArrayList<>();
    // Ten addresses, because each client gets a share of the heap.
    List<HttpClient> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      InetAddress address = InetAddress.ofLiteral("127.0.0." + (i + 1));
      clients.add(HttpClient.newBuilder().localAddress(address).build());
    }
    for (int i = 0; i < count; i++) {
      open.add(connect(clients.get(i % clients.size()), new Counting(echoes)).join());
    }
    assertThat(door.leases.held).hasValue(count);
    for (WebSocket socket : open) {
      socket.sendText("hello", true).join();
    }
    assertThat(echoes.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(door.registry.get("dropserver.websockets.open").gauge().value()).isEqualTo(count);

    door.server.disconnect("deno");
    door.awaitNoLease();
    assertThat(door.registry.get("dropserver.websockets.open").gauge().value()).isZero();
    assertThat(get("/").body()).isEqualTo("hello");
    clients.forEach(HttpClient::shutdownNow);
  }

  @Test
  void aLongWebSocketMessageIsEchoedCompletely() throws Exception {
    LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
    WebSocket socket = connect(new Collecting(messages)).join();
    String text = "0123456789".repeat(200_000);
    socket.sendText(text, true).join();
    assertThat(messages.poll(20, TimeUnit.SECONDS)).isEqualTo(text);
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    door.awaitNoLease();
  }

  @Test
  void aForeignPageOpensNoWebSocket() {
    Supplier<CompletableFuture<WebSocket>> foreign =
        () ->
            client
                .newWebSocketBuilder()
                .header("Origin", "http://other.home.localhost:" + door.port())
                .buildAsync(webSocketUri(), new Counting(new CountDownLatch(1)));
    assertThatThrownBy(() -> foreign.get().join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            e -> assertThat(e.getResponse().statusCode()).isEqualTo(403));
    door.awaitNoLease();
  }

  @Test
  void anAppThatDiesEndsItsWebSockets() throws Exception {
    connect(new Counting(new CountDownLatch(1))).join();
    deno.destroyForcibly().waitFor();
    door.awaitNoLease();
  }

  private CompletableFuture<WebSocket> connect(WebSocket.Listener listener) {
    return connect(client, listener);
  }

  private CompletableFuture<WebSocket> connect(HttpClient from, WebSocket.Listener listener) {
    return from.newWebSocketBuilder()
        .header("Origin", "http://" + authority())
        .buildAsync(webSocketUri(), listener);
  }

  private String authority() {
    return HOST + ":" + door.port();
  }

  private URI webSocketUri() {
    return URI.create("ws://" + authority() + "/");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + authority() + path));
  }

  private record Counting(CountDownLatch echoes) implements WebSocket.Listener {
    @Override
    public @org.jspecify.annotations.Nullable CompletionStage<?> onText(
        WebSocket socket, CharSequence data, boolean last) {
      if (last) {
        echoes.countDown();
      }
      socket.request(1);
      return null;
    }
  }

  private static final class Collecting implements WebSocket.Listener {
    private final LinkedBlockingQueue<String> messages;
    private final StringBuilder text = new StringBuilder();

    Collecting(LinkedBlockingQueue<String> messages) {
      this.messages = messages;
    }

    @Override
    public @org.jspecify.annotations.Nullable CompletionStage<?> onText(
        WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        messages.add(text.toString());
      }
      socket.request(1);
      return null;
    }
  }
}
