package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pushes that end the access of guests and of a member, while they have a stream, a WebSocket, an
 * upload and a long poll of a real app open.
 */
@Timeout(180)
class OpenExchangesTest {
  /** The promise is one second. A busy machine gets more time. */
  private static final Duration AT_ONCE = Duration.ofSeconds(10);

  private static final String MAIN =
      """
      let received = 0;

      function events(): Response {
        let timer = 0;
        const body = new ReadableStream({
          start(controller) {
            const tell = () => controller.enqueue(new TextEncoder().encode("data: here\\n\\n"));
            tell();
            timer = setInterval(tell, 100);
          },
          cancel() {
            clearInterval(timer);
          },
        });
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      }

      export default {
        async fetch(request: Request): Promise<Response> {
          const { pathname } = new URL(request.url);
          switch (pathname) {
            case "/events":
              return events();
            case "/socket": {
              const { socket, response } = Deno.upgradeWebSocket(request);
              socket.onopen = () => socket.send("open");
              return response;
            }
            case "/poll":
              await new Promise((resolve) => setTimeout(resolve, 600_000));
              return new Response("polled-to-the-end");
            case "/upload":
              for await (const chunk of request.body ?? []) received += chunk.length;
              return new Response("stored-to-the-end");
            default:
              return new Response(String(received));
          }
        },
      };
      """;

  /** The kinds of exchanges, each with the lines of its head that the others lack. */
  private static final List<String> KINDS =
      List.of(
          "GET /events\nConnection: close",
          "GET /poll\nConnection: close",
          "POST /upload\nConnection: close\nTransfer-Encoding: chunked\nOrigin: http://HOST",
          "GET /socket\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nOrigin: http://HOST");

  @TempDir Path folder;
  private LiveInstance instance;

  @BeforeEach
  void serve() throws IOException {
    instance = MembersApp.create(folder);
    instance
        .repository()
        .write("apps/notes/main.ts", MAIN)
        .write("appspaces/notes.yaml", access("public", "[{user: bob}]"))
        .push("Serve a public site");
  }

  private static String access(String access, String members) {
    return MembersApp.appspace("members: " + members)
        .replace("access: members", "access: " + access);
  }

  @Test
  void whatGuestsAndAMemberHaveOpenEndsWithTheirAccess() throws Exception {
    try (LiveInstance _ = instance) {
      instance.start();
      await()
          .atMost(LiveInstance.TIMEOUT)
          .untilAsserted(() -> assertThat(instance.status().ready()).as(instance.log()).isTrue());
      try (MemberClient alice = MemberClient.enter(instance, "alice", "notes");
          MemberClient bob = MemberClient.enter(instance, "bob", "notes")) {
        List<Exchange> guests = open("");
        List<Exchange> bobs = open(bob.cookie());
        awaitUploads(alice, 2);
        push("Close the site", access("members", "[{user: bob}]"));
        awaitEnd("guests", guests);
        assertThat(bobs).allSatisfy(each -> assertThat(each.ended).isNotDone());

        push("Remove Bob", access("members", "[]"));
        awaitEnd("Bob", bobs);
        long received = received(alice);
        TimeUnit.SECONDS.sleep(1); // five times the pause between two chunks
        assertThat(received(alice)).as("bytes of uploads after the removal").isEqualTo(received);
      }
    }
  }

  private List<Exchange> open(String cookie) {
    return KINDS.stream().map(head -> new Exchange(head, cookie)).toList();
  }

  /** Waits until that many uploads together have reached the app, several chunks of each. */
  private static void awaitUploads(MemberClient client, int uploads) {
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(
            () -> assertThat(received(client)).isGreaterThan(uploads * 5L * Exchange.CHUNK));
  }

  private static long received(MemberClient client) throws IOException, InterruptedException {
    return Long.parseLong(client.get("/received").body());
  }

  private void push(String message, String appspace) throws IOException {
    instance.repository().write("appspaces/notes.yaml", appspace).push(message);
    assertThat(instance.sync().served()).isTrue();
  }

  private static void awaitEnd(String side, List<Exchange> exchanges) throws Exception {
    long served = System.nanoTime();
    TreeMap<String, Long> milliseconds = new TreeMap<>();
    for (Exchange each : exchanges) {
      assertThat(each.ended)
          .as(() -> side + ", " + each.path + ": " + each.answer())
          .succeedsWithin(AT_ONCE);
      long end = each.ended.join();
      milliseconds.put(each.path, TimeUnit.NANOSECONDS.toMillis(Math.max(0, end - served)));
      assertThat(each.answer()).as(each.path).doesNotContain("to-the-end");
    }
    System.out.println(
        "milliseconds after the sync until exchanges of " + side + " ended: " + milliseconds);
  }

  /** One exchange over a connection of its own. An upload goes on until the connection ends. */
  private final class Exchange {
    static final int CHUNK = 100;

    private final String path;
    private final Socket socket;
    private final CompletableFuture<Long> ended = new CompletableFuture<>();
    private final ByteArrayOutputStream answer = new ByteArrayOutputStream();

    Exchange(String head, String cookie) {
      try {
        String host = "notes." + LiveInstance.DOMAIN + ":" + instance.port();
        List<String> lines = head.replace("HOST", host).lines().toList();
        path = lines.getFirst();
        socket = new Socket(InetAddress.getLoopbackAddress(), instance.port());
        StringBuilder request = new StringBuilder(path + " HTTP/1.1\r\nHost: " + host + "\r\n");
        lines.stream().skip(1).forEach(line -> request.append(line).append("\r\n"));
        if (!cookie.isEmpty()) {
          request.append("Cookie: ").append(cookie).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(US_ASCII));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      Thread.ofVirtual().start(this::read);
      if (path.startsWith("POST")) {
        Thread.ofVirtual().start(this::upload);
      }
    }

    private void read() {
      try (InputStream in = socket.getInputStream()) {
        for (int next = in.read(); next >= 0; next = in.read()) {
          answer.write(next);
        }
      } catch (IOException e) {
        // An aborted connection has ended, too.
      }
      ended.complete(System.nanoTime());
    }

    private void upload() {
      byte[] chunk = ("64\r\n" + "x".repeat(CHUNK) + "\r\n").getBytes(US_ASCII);
      try {
        while (!ended.isDone()) {
          socket.getOutputStream().write(chunk);
          TimeUnit.MILLISECONDS.sleep(200);
        }
      } catch (IOException | InterruptedException e) {
        // The reader reports the end.
      }
    }

    String answer() {
      return answer.toString(US_ASCII);
    }
  }
}
