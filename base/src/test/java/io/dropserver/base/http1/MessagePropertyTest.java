package io.dropserver.base.http1;

import static io.dropserver.testing.property.Property.forAll;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.http1.Body.Framing;
import io.dropserver.base.http1.Fields.Field;
import io.dropserver.base.http1.MessageGenerators.Content;
import io.dropserver.base.http1.MessageRows.Row;
import io.dropserver.testing.property.Generator;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MessagePropertyTest {
  private static final String NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

  private record Request(String method, String target, List<Field> fields, Content content) {
    HeadEncoder encoder() {
      return new HeadEncoder(4_000).request(method, target).field("Host", "a").fields(fields);
    }
  }

  private record Response(int status, String reason, List<Field> fields, Content content) {
    HeadEncoder encoder() {
      return new HeadEncoder(4_000).response(status, reason).fields(fields);
    }
  }

  private static final Generator<Request> REQUESTS =
      random ->
          new Request(
              MessageGenerators.TOKENS.next(random),
              MessageGenerators.TARGETS.next(random),
              MessageGenerators.FIELDS.next(random),
              MessageGenerators.contents(Framing.NONE, Framing.LENGTH, Framing.CHUNKED)
                  .next(random));

  private static final Generator<Response> RESPONSES =
      random ->
          new Response(
              MessageGenerators.STATUSES.next(random),
              MessageGenerators.VALUES.next(random),
              MessageGenerators.FIELDS.next(random),
              MessageGenerators.contents(Framing.UNTIL_CLOSE, Framing.LENGTH, Framing.CHUNKED)
                  .next(random));

  private static final Generator<Row> ROWS =
      Generator.of(
          Stream.concat(MessageRows.valid().stream(), MessageRows.malformed().stream())
              .filter(row -> row.message().length() < 1_000)
              .toList());

  /** Bytes that resemble messages: rows of the corpus, cut, joined and changed. */
  private static final Generator<byte[]> NEARLY_MESSAGES =
      random -> {
        String first = ROWS.next(random).message();
        String second = ROWS.next(random).message();
        StringBuilder joined =
            new StringBuilder(first.substring(0, random.nextInt(first.length() + 1)))
                .append(second.substring(random.nextInt(second.length())));
        for (int i = random.nextInt(4); i > 0; i--) {
          change(joined, random);
        }
        return joined.toString().getBytes(ISO_8859_1);
      };

  private static void change(StringBuilder text, Random random) {
    int at = random.nextInt(text.length() + 1);
    String piece =
        Generator.of("\r", "\n", "\r\n", "\r\n\r\n", "\0", " ", "\t", ":", ",", "0", "f", ";", "ÿ")
            .next(random);
    text.replace(at, Math.min(text.length(), at + random.nextInt(3)), piece);
  }

  @Test
  void anEncodedRequestIsParsedUnchanged() {
    forAll(
        2_000,
        REQUESTS,
        MessageGenerators.CUTS,
        (request, cuts) -> {
          byte[] message = MessageGenerators.encode(request.encoder(), request.content());
          ReadMessage read = ReadMessage.request(source(message, NEXT, cuts));

          assertThat(read.failure()).isEmpty();
          assertThat(read.start()).isEqualTo(request.method() + " " + request.target());
          assertThat(endToEnd(read)).isEqualTo(request.fields());
          assertThat(read.end()).isEqualTo(message.length);
          assertThat(read.body()).isEqualTo(body(request.content()));
        });
  }

  @Test
  void anEncodedResponseIsParsedUnchanged() {
    forAll(
        2_000,
        RESPONSES,
        MessageGenerators.CUTS,
        (response, cuts) -> {
          byte[] message = MessageGenerators.encode(response.encoder(), response.content());
          boolean untilClose = response.content().framing() == Framing.UNTIL_CLOSE;
          ReadMessage read =
              ReadMessage.response(source(message, untilClose ? "" : NEXT, cuts), "GET");

          assertThat(read.failure()).isEmpty();
          assertThat(read.start()).isEqualTo(response.status() + " " + response.reason());
          assertThat(endToEnd(read)).isEqualTo(response.fields());
          assertThat(read.end()).isEqualTo(message.length);
          assertThat(read.body()).isEqualTo(body(response.content()));
        });
  }

  @Test
  void readBoundariesDoNotChangeTheResult() {
    forAll(
        4_000,
        NEARLY_MESSAGES,
        MessageGenerators.CUTS,
        (bytes, cuts) -> {
          for (boolean request : new boolean[] {true, false}) {
            ReadMessage whole = ReadMessage.of(request, PiecewiseSource.whole(bytes));
            ReadMessage cut = ReadMessage.of(request, new PiecewiseSource(bytes, cuts, true));
            assertThat(cut).isEqualTo(whole);
          }
        });
  }

  /** {@link ReadMessage} passes on all other exceptions. */
  @Test
  void anyBytesAreAMessageOrMalformedOrIncomplete() {
    forAll(
        5_000,
        Generator.oneOf(Generator.bytes(400), NEARLY_MESSAGES),
        bytes -> {
          for (boolean request : new boolean[] {true, false}) {
            ReadMessage read = ReadMessage.of(request, PiecewiseSource.whole(bytes));
            if (read.failure().isEmpty()) {
              assertThat(read.end()).isBetween(1, bytes.length);
              assertThat(read.body().length()).isLessThan(read.end());
            }
          }
        });
  }

  /** What the reader accepts, the encoder can write, and the reader then reads the same. */
  @Test
  void acceptedRequestsCanBeForwardedUnchanged() {
    forAll(
        4_000,
        NEARLY_MESSAGES,
        bytes -> {
          ReadMessage read = ReadMessage.request(PiecewiseSource.whole(bytes));
          if (read.failure().isEmpty()) {
            String[] start = read.start().split(" ", -1);
            HeadEncoder head =
                new HeadEncoder(4_000).request(start[0], start[1]).fields(read.fields());
            ByteBuffer encoded = head.end();
            byte[] written = new byte[encoded.remaining()];
            encoded.get(written);
            HeadReader again = new HeadReader(PiecewiseSource.whole(written), 4_000);
            assertThat(again.read()).isEqualTo(written.length);
            assertThat(again.request())
                .isEqualTo(
                    new RequestHead(start[0], start[1], new Fields(read.fields()), read.framing()));
          }
        });
  }

  private static PiecewiseSource source(byte[] message, String next, List<Integer> cuts) {
    byte[] all = (new String(message, ISO_8859_1) + next).getBytes(ISO_8859_1);
    return new PiecewiseSource(all, cuts, cuts.size() % 2 == 0);
  }

  /** The fields without those that the test or the framing added. */
  private static List<Field> endToEnd(ReadMessage read) {
    return read.fields().stream()
        .filter(
            field ->
                !field.is("host") && !field.is("content-length") && !field.is("transfer-encoding"))
        .toList();
  }

  private static String body(Content content) {
    return content.framing() == Framing.NONE ? "" : content.body();
  }
}
