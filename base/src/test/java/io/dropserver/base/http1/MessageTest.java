package io.dropserver.base.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.base.http1.MessageRows.Row;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages with known results, whole and cut at every byte. */
class MessageTest {
  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

  static Stream<Row> malformed() {
    return MessageRows.malformed().stream();
  }

  static Stream<Row> valid() {
    return MessageRows.valid().stream();
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void aMalformedMessageIsRefusedForItsReason(Row row) {
    ReadMessage read = ReadMessage.of(row.request(), PiecewiseSource.whole(row.bytes()));

    assertThat(read.failure()).contains(row.second());
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void aMalformedMessageIsRefusedForAnySplit(Row row) {
    int length = row.bytes().length;
    // Long messages repeat themselves: their ends are enough.
    IntStream.concat(
            IntStream.range(1, Math.min(length, 400)),
            IntStream.range(Math.max(1, length - 20), length))
        .forEach(
            cut -> {
              PiecewiseSource cutOnce = new PiecewiseSource(row.bytes(), List.of(cut), true);
              assertThat(ReadMessage.of(row.request(), cutOnce).failure())
                  .as("cut at %s", cut)
                  .contains(row.second());
            });
  }

  @ParameterizedTest
  @MethodSource("valid")
  void aValidMessageIsReadToItsEndForAnySplit(Row row) {
    byte[] bytes = row.bytes();
    ReadMessage whole = read(row, PiecewiseSource.whole(bytes));

    assertThat(whole.failure()).isEmpty();
    assertThat(whole.body()).isEqualTo(row.third());
    assertThat(new String(bytes, whole.end(), bytes.length - whole.end(), ISO_8859_1))
        .as("what follows the message")
        .matches("(?s)|next|hello|GET .*|HTTP/1.1 .*");
    for (int cut = 1; cut < bytes.length; cut++) {
      assertThat(read(row, new PiecewiseSource(bytes, List.of(cut), cut % 2 == 0)))
          .as("cut at %s", cut)
          .isEqualTo(whole);
    }
    List<Integer> everywhere = IntStream.range(1, bytes.length).boxed().toList();
    assertThat(read(row, new PiecewiseSource(bytes, everywhere, true))).isEqualTo(whole);
  }

  private static ReadMessage read(Row row, PiecewiseSource source) {
    return row.request() ? ReadMessage.request(source) : ReadMessage.response(source, row.second());
  }

  @ParameterizedTest
  @MethodSource("valid")
  void anIncompleteMessageIsNeverComplete(Row row) {
    ReadMessage whole = read(row, PiecewiseSource.whole(row.bytes()));
    boolean endsWithStream = whole.framing().framing() == Body.Framing.UNTIL_CLOSE;
    int head = row.message().lastIndexOf("\r\n\r\n") + 4;
    for (int length = 0; length < (endsWithStream ? head : whole.end()); length++) {
      byte[] start = row.message().substring(0, length).getBytes(ISO_8859_1);

      assertThat(read(row, PiecewiseSource.whole(start)).failure())
          .as("the first %s bytes", length)
          .isEqualTo("incomplete");
    }
  }

  @Test
  void aFieldIsReadWithoutTheBlanksAroundIt() {
    String message = "GET /x HTTP/1.1\r\nHost:a\r\nX:\t a \t b\t \r\nx:\r\n\r\n";
    ReadMessage read = ReadMessage.request(PiecewiseSource.whole(message.getBytes(ISO_8859_1)));

    assertThat(read.start()).isEqualTo("GET /x");
    assertThat(read.fields())
        .containsExactly(
            new Fields.Field("Host", "a"),
            new Fields.Field("X", "a \t b"),
            new Fields.Field("x", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 200 OK~Content-Length: 0~~ | true",
        "HTTP/1.1 200 OK~Content-Length: 0~Connection: keep-alive~~ | true",
        "HTTP/1.1 200 OK~Content-Length: 0~Connection: close~~ | false",
        "HTTP/1.1 200 OK~Content-Length: 0~connection: X, CLOSE~~ | false",
        "HTTP/1.1 200 OK~Content-Length: 0~Connection: X~Connection: close~~ | false",
        "HTTP/1.1 200 OK~~ | false",
        "HTTP/1.0 200 OK~Content-Length: 0~~ | false",
        "HTTP/1.0 200 OK~Content-Length: 0~Connection: keep-alive~~ | false",
        "HTTP/1.1 204 No Content~~ | true",
        "HTTP/1.1 204 No Content~Content-Length: 0~~ | true",
        "HTTP/1.1 204 No Content~Content-Length: 5~~ | false",
        "HTTP/1.1 204 No Content~Transfer-Encoding: chunked~~ | false",
        "HTTP/1.1 304 Not Modified~Content-Length: 5~~ | true"
      })
  void aConnectionIsReusedOnlyAfterAnUnambiguousResponse(String head, boolean persistent) {
    byte[] bytes = head.replace("~", "\r\n").getBytes(ISO_8859_1);

    assertThat(ReadMessage.response(PiecewiseSource.whole(bytes), "GET").persistent())
        .isEqualTo(persistent);
  }

  @Test
  void a101IsFinalForARequestToUpgrade() throws IOException {
    byte[] bytes =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 X\r\nContent-Length: 3\r\n\r\nraw"
            .getBytes(ISO_8859_1);
    PiecewiseSource source = PiecewiseSource.whole(bytes);
    ResponseHead head = new HeadReader(source, 1_000).finalResponse("GET", true);

    assertThat(head.status()).isEqualTo(101);
    assertThat(head.body()).isEqualTo(Body.NONE);
    assertThat(source.consumed()).isEqualTo(bytes.length - 3);
  }

  @Test
  void aHeadOfExactlyItsLimitIsRead() throws IOException {
    byte[] bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1);

    assertThat(new HeadReader(PiecewiseSource.whole(bytes), bytes.length).read())
        .isEqualTo(bytes.length);
    assertThatThrownBy(() -> new HeadReader(PiecewiseSource.whole(bytes), bytes.length - 1).read())
        .isInstanceOf(MessageException.class);
  }

  @Test
  void headsAreReadInSequenceAndACleanEndIsAccepted() throws IOException {
    String first = "GET /1 HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(10_000) + "\r\n\r\n";
    String second = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    HeadReader reader =
        new HeadReader(
            PiecewiseSource.whole((first + second).getBytes(ISO_8859_1)),
            ReadMessage.MAX_HEAD_BYTES);

    assertThat(reader.read()).isEqualTo(first.length());
    assertThat(reader.request().target()).isEqualTo("/1");
    assertThat(reader.read()).isEqualTo(second.length());
    assertThat(reader.request().target()).isEqualTo("/2");
    assertThat(reader.read()).isZero();
    assertThatThrownBy(() -> reader.finalResponse("GET", false)).isInstanceOf(EOFException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'', GET / HTTP/1.1~, 16384",
    "'', x, 16384",
    "'', X: y~, 16384",
    "5~hello~0~, X: x~, 16384",
    "'', 0, 15",
    "5;, a, 256",
    "5, ' ', 2"
  })
  void endlessPartsAreRefusedWithinTheirLimit(String start, String endless, int limit) {
    boolean head = start.isEmpty() && !endless.equals("0");
    String before = (head ? "" : CHUNKED) + start.replace("~", "\r\n");
    int endlessBytes = 2 * limit + 100;
    String all = before + endless.replace("~", "\r\n").repeat(endlessBytes);
    List<Integer> everywhere = IntStream.range(1, all.length()).boxed().toList();
    PiecewiseSource source = new PiecewiseSource(all.getBytes(ISO_8859_1), everywhere, true);
    ReadMessage read = ReadMessage.request(source);

    assertThat(read.failure()).isNotIn("", "incomplete");
    assertThat(source.consumed()).isLessThanOrEqualTo(before.length() + limit + 1);
  }

  @Test
  void aFixedLengthBodyIsCompleteAfterItsLastByte() throws IOException {
    PiecewiseSource source = PiecewiseSource.whole("helloNEXT".getBytes(ISO_8859_1));
    BodyReader reader = new BodyReader(source, Body.ofLength(5));
    ByteBuffer piece = reader.next();

    assertThat(piece.remaining()).isEqualTo(5);
    assertThat(reader.isComplete()).isTrue();
    assertThat(reader.next().hasRemaining()).isFalse();
    assertThat(source.consumed()).isEqualTo(5);
  }
}
