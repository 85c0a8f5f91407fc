package io.dropserver.web.site;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.VisitorRequest;
import io.dropserver.state.site.Site;
import io.dropserver.web.site.RawHttpClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RequestProxyTest {
  private static final String HELLO =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

  @SuppressWarnings("NullAway.Init") // set before each test
  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  @Test
  void aResponseArrivesWithItsBodyAndOurPolicy() throws IOException {
    door.answering("notes", HELLO);
    Answer answer = door.get("notes", "/a%2Fb//c;d?q=%20x");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("hello");
    assertThat(answer.header("Content-Type")).contains("text/plain");
    assertThat(answer.header("Content-Security-Policy").orElse(""))
        .contains("frame-ancestors 'self' http://home.localhost:" + door.port());
  }

  @Test
  void methodPathAndQueryReachTheAppAsSent() throws IOException {
    FakeApp app = door.answering("notes", HELLO);
    door.get("notes", "/a%2Fb//c;d?q=%20x&y=%zz");
    assertThat(app.heads.getFirst()).startsWith("GET /a%2Fb//c;d?q=%20x&y=%zz HTTP/1.1\r\n");
  }

  @Test
  void theLatestRequestsHaveNoQuery() throws IOException {
    door.answering("notes", HELLO);
    door.get("notes", "/a%2Fb?token=secret");
    await().until(() -> !door.server.latestRequests("notes").isEmpty());
    assertThat(door.server.latestRequests("notes"))
        .singleElement()
        .returns("GET", VisitorRequest::method)
        .returns("/a%2Fb", VisitorRequest::path)
        .returns(200, VisitorRequest::status);
    assertThat(door.server.latestRequests("other")).isEmpty();
  }

  @Test
  void connectionsToAnAppAreReused() throws IOException {
    FakeApp app = door.answering("notes", HELLO);
    for (int i = 0; i < 5; i++) {
      assertThat(door.get("notes", "/").body()).isEqualTo("hello");
      door.awaitNoLease(); // the client has its response slightly before the connection is released
    }
    assertThat(app.connections).hasSize(1);
    door.awaitNoLease();
  }

  @Test
  void headNoContentAndNotModifiedHaveNoBody() throws IOException {
    door.answering("head", "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
    Answer head = RawHttpClient.ask(door.port(), door.request("HEAD", "head", "/"));
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Length")).contains("12345");

    FakeApp app = door.answering("empty", "HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(door.get("empty", "/").status()).isEqualTo(204);
    door.awaitNoLease();
    assertThat(door.get("empty", "/").status()).isEqualTo(204);
    assertThat(app.connections).hasSize(1);

    door.answering("same", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 9\r\n\r\n");
    Answer same = door.get("same", "/");
    assertThat(same.status()).isEqualTo(304);
    assertThat(same.header("ETag")).contains("\"x\"");
  }

  @Test
  void chunkedAndEndlessResponsesArriveWhole() throws IOException {
    door.answering(
        "chunks",
        lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "3;ext=\"a\"", "abc", "A")
            + lines("", "0123456789", "0", "X-Trailer: dropped", "", ""));
    for (int i = 0; i < 2; i++) {
      Answer chunked = door.get("chunks", "/");
      assertThat(chunked.body()).isEqualTo("abc0123456789");
      assertThat(chunked.cut()).isFalse();
      assertThat(chunked.header("X-Trailer")).isEmpty();
    }
    door.app(
        "close",
        connection -> {
          connection.head();
          connection.send("HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\nuntil the end");
        });
    assertThat(door.get("close", "/").body()).isEqualTo("until the end");
  }

  @Test
  void anInformationalResponseIsPassedOver() throws IOException {
    door.answering("notes", "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" + HELLO);
    Answer answer = door.get("notes", "/");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Link")).isEmpty();
  }

  @Test
  void aBodyReachesTheAppAndExpectIsAnsweredHere() throws IOException {
    FakeApp app =
        door.app(
            "notes",
            connection -> {
              while (!connection.head().isEmpty()) {
                byte[] body = connection.in.readNBytes(4);
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + new String(body, US_ASCII));
              }
            });
    String head = door.request("POST", "notes", "/", "Content-Length: 4", "Expect: 100-continue");
    try (RawHttpClient rawHttpClient = new RawHttpClient(door.port())) {
      rawHttpClient.send(head);
      assertThat(rawHttpClient.head().status()).isEqualTo(100);
      rawHttpClient.send("body");
      assertThat(rawHttpClient.answer(false).body()).isEqualTo("body");
    }
    assertThat(app.heads.getFirst()).doesNotContainIgnoringCase("expect:");
  }

  @Test
  void aChunkedBodyIsPassedOnInChunks() throws IOException {
    FakeApp app =
        door.app(
            "notes",
            connection -> {
              connection.head();
              String body = new String(connection.in.readNBytes(19), US_ASCII);
              connection.send("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n" + body);
            });
    String head = door.request("POST", "notes", "/", "Transfer-Encoding: chunked");
    Answer answer =
        RawHttpClient.ask(door.port(), head + "5\r\nhello\r\n4\r\nabcd\r\n0\r\nT: dropped\r\n\r\n");
    assertThat(answer.body()).isEqualTo("9\r\nhelloabcd\r\n0\r\n\r\n");
    assertThat(app.heads.getFirst()).contains("Transfer-Encoding: chunked");
  }

  @Test
  void eachPieceOfAStreamArrivesAsItIsSent() throws IOException {
    AtomicInteger allowed = new AtomicInteger();
    door.app(
        "events",
        connection -> {
          connection.head();
          connection.send(
              lines(
                  "HTTP/1.1 200 OK",
                  "Content-Type: text/event-stream",
                  "Transfer-Encoding: chunked",
                  "",
                  ""));
          for (int i = 0; i < 3; i++) {
            int turn = i;
            await().until(() -> allowed.get() >= turn);
            connection.send("9\r\ndata: " + i + "\n\n\r\n");
          }
          connection.send("0\r\n\r\n");
        });
    try (RawHttpClient rawHttpClient = new RawHttpClient(door.port())) {
      rawHttpClient.send(door.request("GET", "events", "/"));
      rawHttpClient.head();
      for (int i = 0; i < 3; i++) {
        assertThat(rawHttpClient.line()).isEqualTo("9");
        assertThat(rawHttpClient.line()).isEqualTo("data: " + i);
        rawHttpClient.line();
        allowed.incrementAndGet(); // the next piece is sent only after this one has arrived
        rawHttpClient.line();
      }
    }
  }

  @Test
  void anAppMayAnswerBeforeItHasReadTheBody() throws IOException {
    door.app(
        "notes",
        connection -> {
          connection.head();
          connection.send("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno");
          connection.in.read();
        });
    String head = door.request("POST", "notes", "/", "Content-Length: 50000000");
    try (RawHttpClient rawHttpClient = new RawHttpClient(door.port())) {
      rawHttpClient.send(head);
      rawHttpClient.send(new byte[100_000]);
      Answer answer = rawHttpClient.answer(false);
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.body()).isEqualTo("no");
    }
    door.awaitNoLease();
  }

  @Test
  void aReplacedProcessGetsNewConnections() throws IOException {
    FakeApp old = door.answering("notes", HELLO);
    door.get("notes", "/");
    door.awaitNoLease();
    FakeApp next = door.answering("notes", HELLO.replace("hello", "fresh"));
    assertThat(door.get("notes", "/").body()).isEqualTo("fresh");
    assertThat(old.heads).hasSize(1);
    assertThat(next.heads).hasSize(1);
  }

  @Test
  void aConnectionThatWentStaleCostsNoRequest() throws IOException {
    FakeApp app =
        door.app(
            "notes",
            connection -> {
              connection.head();
              connection.send(HELLO); // and closes without announcing it
            });
    for (int i = 0; i < 20; i++) {
      assertThat(door.get("notes", "/").status()).isEqualTo(200);
    }
    assertThat(app.heads).hasSize(20);
  }

  @Test
  void aSilentAppTimesOut() throws IOException {
    Site site = FrontDoorFixture.site("slow");
    door.app(
        Sites.site(
            site.appspace(),
            site.host(),
            site.access(),
            site.publicPaths(),
            site.browser(),
            Duration.ofMillis(200),
            site.state()),
        connection -> {
          connection.head();
          connection.in.read();
        });
    assertThat(door.get("slow", "/").status()).isEqualTo(504);
    door.awaitNoLease();
  }

  @Test
  void aBodyMayBeAsLongAsItsAppspaceDeclares() throws IOException {
    for (long limit : new long[] {1_000, 1L << 30}) {
      FakeApp app =
          door.app(
              Sites.withRequestBody(FrontDoorFixture.site("takes"), limit),
              connection -> {
                connection.head();
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                connection.in.read();
              });
      String tooLong = door.request("POST", "takes", "/", "Content-Length: " + (limit + 1));
      Answer refused = RawHttpClient.ask(door.port(), tooLong);
      assertThat(refused.status()).isEqualTo(413);
      assertThat(refused.body()).contains(limit == 1_000 ? "1000 B" : "1.0 GiB");
      assertThat(app.heads).isEmpty();
      try (RawHttpClient rawHttpClient = new RawHttpClient(door.port())) {
        rawHttpClient.send(door.request("POST", "takes", "/", "Content-Length: " + limit));
        rawHttpClient.send(
            "x".repeat(1_000)); // the whole first request and the start of the second
        assertThat(rawHttpClient.head().status()).isEqualTo(200);
      }
    }
    door.awaitNoLease();
  }

  @Test
  void anAppThatDiesInABodyCutsTheResponse() throws IOException {
    door.app(
        "dies",
        connection -> {
          connection.head();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        });
    Answer answer = door.get("dies", "/");
    assertThat(answer.cut()).isTrue();
    assertThat(answer.body()).startsWith("half");
    door.awaitNoLease();
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines);
  }
}
