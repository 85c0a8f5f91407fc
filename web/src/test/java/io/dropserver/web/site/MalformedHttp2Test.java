package io.dropserver.web.site;

import static io.dropserver.web.site.RawHttp2.DATA;
import static io.dropserver.web.site.RawHttp2.END_HEADERS;
import static io.dropserver.web.site.RawHttp2.END_STREAM;
import static io.dropserver.web.site.RawHttp2.HEADERS;
import static io.dropserver.web.site.RawHttp2.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.Site;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Malformed HTTP/2 requests end their stream, and never reach an app (RFC 9113, section 8.1.1). The
 * cases of sections 8.1 and 5.1 of h2spec that Jetty alone does not pass.
 */
@Tag("slow")
class MalformedHttp2Test {
  private static final int PROTOCOL_ERROR = 1;
  private static final int STREAM_CLOSED = 5;
  private static final int ENHANCE_YOUR_CALM = 11;

  private static final Site NOTES =
      Sites.site(
          "notes",
          "localhost",
          AccessMode.PUBLIC,
          List.of(),
          BrowserPolicy.STRICT,
          Duration.ofSeconds(10),
          new Site.Serving());

  @TempDir private Path folder;
  private TlsFrontDoor secure;
  private FakeApp app;

  @BeforeEach
  void open() throws IOException {
    Duration idle = Duration.ofSeconds(60);
    FrontDoorLimits limits =
        new FrontDoorLimits(
            1 << 20, 200, 100, 200, 100, idle, idle, 500, Duration.ofHours(1), 1000);
    secure = new TlsFrontDoor(folder, List.of("home.localhost", "localhost"), limits);
    app =
        secure.door.app(
            NOTES,
            connection -> {
              while (!connection.head().isEmpty()) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              }
            });
  }

  @AfterEach
  void close() throws IOException {
    secure.close();
  }

  private RawHttp2 client() throws IOException, GeneralSecurityException {
    return new RawHttp2(secure.authority.clientContext(), secure.port());
  }

  /**
   * @param head names and values, separated by bars
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ":method|GET|:scheme|https|:authority|HOST|:path|/|X-Upper|a",
        ":method|GET|:scheme|https|:authority|HOST|:path|/|:unknown|a",
        ":method|GET|:scheme|https|:authority|HOST|:path|/|:status|200",
        ":method|GET|:scheme|https|:authority|HOST|:path|/|connection|keep-alive",
        ":method|GET|:scheme|https|:authority|HOST|:path|/|te|gzip",
        ":method|GET|:scheme|https|:authority|HOST|:path|",
        ":method|GET|:scheme|https|:authority|HOST|accept|a|:path|/",
        ":scheme|https|:authority|HOST|:path|/",
        ":method|GET|:authority|HOST|:path|/",
        ":method|GET|:scheme|https|:authority|HOST",
        ":method|GET|:method|GET|:scheme|https|:authority|HOST|:path|/",
        ":method|GET|:scheme|https|:scheme|https|:authority|HOST|:path|/",
        ":method|GET|:scheme|https|:authority|HOST|:path|/|:path|/",
        ":method|POST|:scheme|https|:authority|HOST|:path|/|content-length|+3",
        ":method|POST|:scheme|https|:authority|HOST|:path|/|content-length|-1",
        ":method|POST|:scheme|https|:authority|HOST|:path|/|content-length|3|content-length|4",
      })
  void aMalformedHeadEndsItsStream(String head) throws Exception {
    String[] fields = head.replace("HOST", "localhost:" + secure.port()).split("\\|", -1);
    try (RawHttp2 client = client()) {
      client.send(HEADERS, END_HEADERS, 1, RawHttp2.literals(fields));
      awaitError(client, PROTOCOL_ERROR);
      // The connection is still in service.
      client.send(HEADERS, END_STREAM | END_HEADERS, 3, RawHttp2.get("localhost:" + secure.port()));
      await().until(() -> client.received(HEADERS) == 1);
    }
    assertThat(app.heads).hasSize(1);
  }

  /** Jetty cannot read these heads at all. */
  @ParameterizedTest
  @ValueSource(strings = {"three", "", "3, 3", "9999999999999999999"})
  void aLengthThatIsNoNumberEndsTheConnection(String length) throws Exception {
    try (RawHttp2 client = client()) {
      client.send(HEADERS, END_HEADERS, 1, get("content-length", length));
      assertThat(client.endsWithin(30)).isTrue();
      assertThat(client.received(HEADERS)).isZero();
      assertThat(client.error.get()).isEqualTo(PROTOCOL_ERROR);
    }
    assertThat(app.heads).isEmpty();
  }

  @Test
  void aHeadThatAnnouncesABodyAndEndsTheStreamIsMalformed() throws Exception {
    try (RawHttp2 client = client()) {
      client.send(HEADERS, END_STREAM | END_HEADERS, 1, get("content-length", "3"));
      awaitError(client, PROTOCOL_ERROR);
    }
    assertThat(app.heads).isEmpty();
  }

  @Test
  void aBodyOfAnotherLengthEndsItsStream() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    FakeApp waiting = waitingFor(end);
    try (RawHttp2 client = client()) {
      client.send(HEADERS, END_HEADERS, 1, get("content-length", "1000000"));
      await().until(() -> waiting.heads.size() == 1);
      client.send(DATA, END_STREAM, 1, "four".getBytes(StandardCharsets.US_ASCII));
      awaitError(client, PROTOCOL_ERROR);
      end.countDown();
      secure.door.awaitNoLease();
    }
  }

  @Test
  void dataAfterTheEndOfARequestEndsItsStream() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    FakeApp waiting = waitingFor(end);
    try (RawHttp2 client = client()) {
      client.send(HEADERS, END_STREAM | END_HEADERS, 1, get());
      await().until(() -> waiting.heads.size() == 1);
      client.send(DATA, END_STREAM, 1, "more".getBytes(StandardCharsets.US_ASCII));
      awaitError(client, STREAM_CLOSED);
      end.countDown();
      secure.door.awaitNoLease();
    }
  }

  /** Reads the head of a request, and closes the connection when the test says so. */
  private FakeApp waitingFor(CountDownLatch end) throws IOException {
    return secure.door.app(
        NOTES,
        connection -> {
          connection.head();
          end.await();
        });
  }

  /**
   * @param trailers names and values, separated by bars
   */
  @ParameterizedTest
  @ValueSource(strings = {":path|/", "X-Upper|a", "connection|close"})
  void malformedTrailersEndARequestInProgress(String trailers) throws Exception {
    FakeApp waiting =
        secure.door.app(
            NOTES,
            connection -> {
              connection.head();
              connection.in.readAllBytes();
            });
    try (RawHttp2 client = client()) {
      client.send(HEADERS, END_HEADERS, 1, get("x-number", "1"));
      client.send(DATA, 0, 1, "part".getBytes(StandardCharsets.US_ASCII));
      await().until(() -> waiting.heads.size() == 1);
      client.send(
          HEADERS, END_STREAM | END_HEADERS, 1, RawHttp2.literals(trailers.split("\\|", -1)));
      awaitError(client, PROTOCOL_ERROR);
      secure.door.awaitNoLease();
    }
  }

  @Test
  void aFloodOfMalformedHeadsEndsTheConnection() throws Exception {
    try (RawHttp2 client = client()) {
      try {
        for (int stream = 1; stream < 40_000; stream += 2) {
          client.send(HEADERS, END_STREAM | END_HEADERS, stream, get("connection", "close"));
        }
      } catch (IOException closed) {
        // the expected end
      }
      assertThat(client.endsWithin(30)).isTrue();
      // The server's GOAWAY can be lost: TCP resets a connection whose sent data was not read.
      assertThat(client.error.get()).isIn(PROTOCOL_ERROR, ENHANCE_YOUR_CALM);
      assertThat(client.received(RST_STREAM)).isLessThan(20_000);
    }
    assertThat(app.heads).isEmpty();
  }

  private byte[] get(String... headers) {
    return RawHttp2.get("localhost:" + secure.port(), headers);
  }

  private static void awaitError(RawHttp2 client, int error) {
    await().until(() -> client.received(RST_STREAM) == 1);
    assertThat(client.error.get()).isEqualTo(error);
    assertThat(client.received(HEADERS)).isZero();
  }
}
