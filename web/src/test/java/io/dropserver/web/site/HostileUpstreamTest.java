package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.web.site.RawHttpClient.Answer;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Apps whose output is not a valid response, or is ambiguous. */
@Tag("slow")
class HostileUpstreamTest {
  @SuppressWarnings("NullAway.Init") // set before each test
  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
    door.answering("good", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage without end of line",
        "\r\n\r\n\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "HTTP/1.1 200 OK\r\nA: b\nInjected: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rInjected: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\u0000c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nÄ: b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x4\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n",
        "HTTP/1.1 204 A\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
        ""
      })
  void anInvalidResponseBecomesA502UnderOurPolicy(String response) throws IOException {
    door.app(
        "bad",
        connection -> {
          connection.head();
          connection.send(response);
        });
    Answer answer = door.get("bad", "/");
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("Content-Security-Policy")).isPresent();
    assertThat(answer.header("Injected")).isEmpty();
    assertThat(answer.header("Location")).isEmpty();
    door.awaitNoLease();
    assertThat(door.get("good", "/").body()).isEqualTo("good");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zz\r\nabc\r\n0\r\n\r\n",
        "\r\n\r\n",
        "3\r\nabcdef\r\n0\r\n\r\n",
        "3\nabc\n0\n\n",
        "ffffffffffffffffff\r\nabc",
        "-1\r\nabc\r\n",
        "3 3\r\nab",
        "3 \r\nabc\r\n0\r\n\r\n",
        "3;\n\r\nabc\r\n0\r\n\r\n",
        "3;a\u0000\r\nabc\r\n0\r\n\r\n",
        "0\r\nHTTP/1.1 200 OK\r\n\r\n",
        "0\r\nTrailer: x\n\r\n\r\n"
      })
  void brokenChunksBreakTheResponseOff(String chunks) throws IOException {
    door.app(
        "bad",
        connection -> {
          connection.head();
          connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
          connection.send(chunks);
        });
    Answer answer = door.get("bad", "/");
    // Chunks that arrive with the head are read before it is passed on.
    assertThat(answer.cut() || answer.status() == 502).isTrue();
    door.awaitNoLease();
  }

  @Test
  void anEndlessHeadIsRefusedAtItsLimit() throws IOException {
    AtomicLong sent = new AtomicLong();
    door.app(
        "bad",
        connection -> {
          connection.head();
          connection.send("HTTP/1.1 200 OK\r\n");
          while (sent.get() < 1 << 24) {
            connection.send("X-Filler: " + "x".repeat(1000) + "\r\n");
            sent.addAndGet(1000);
          }
        });
    assertThat(door.get("bad", "/").status()).isEqualTo(502);
    assertThat(sent.get()).isLessThan(1 << 22);
  }

  @Test
  void endlessInformationalResponsesAreRefused() throws IOException {
    door.app(
        "bad",
        connection -> {
          connection.head();
          for (int i = 0; i < 100_000; i++) {
            connection.send("HTTP/1.1 102 Processing\r\n\r\n");
          }
        });
    assertThat(door.get("bad", "/").status()).isEqualTo(502);
  }

  @Test
  void aSecondResponseInAdvanceIsNeverDelivered() throws IOException {
    door.app(
        "bad",
        connection -> {
          int number = 0;
          while (!connection.head().isEmpty()) {
            connection.send(
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
                    + number++
                    + "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled");
          }
        });
    for (int i = 0; i < 5; i++) {
      assertThat(door.get("bad", "/").body()).isEqualTo("0");
    }
  }

  @Test
  void bodiesWhereNoBodyIsAllowedAreNeverDelivered() throws IOException {
    door.answering("bad", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\nsmuggled");
    try (RawHttpClient rawHttpClient = new RawHttpClient(door.port())) {
      for (int i = 0; i < 3; i++) {
        rawHttpClient.send(door.request("GET", "bad", "/"));
        assertThat(rawHttpClient.answer(false).status()).isEqualTo(204);
      }
    }
  }

  @Test
  void anAppThatTakesTheRequestAndDiesGetsItOnce() throws IOException {
    FakeApp app = door.app("bad", FakeApp.Connection::head);
    assertThat(door.get("bad", "/").status()).isEqualTo(502);
    assertThat(app.heads).hasSize(1);
  }

  @Test
  void aDeadSocketIsA502() throws IOException {
    FakeApp app = door.answering("bad", "HTTP/1.1 204 No Content\r\n\r\n");
    app.close();
    assertThat(door.get("bad", "/").status()).isEqualTo(502);
    door.awaitNoLease();
  }
}
