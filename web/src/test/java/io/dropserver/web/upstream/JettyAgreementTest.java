package io.dropserver.web.upstream;

import static io.dropserver.testing.property.Property.forAll;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.http1.Body;
import io.dropserver.base.http1.BodyReader;
import io.dropserver.base.http1.ByteSource;
import io.dropserver.base.http1.Fields;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.MessageException;
import io.dropserver.base.http1.RequestHead;
import io.dropserver.base.http1.ResponseHead;
import io.dropserver.testing.property.Generator;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A message that {@code base.http1} accepts is for Jetty either the same message, with the same
 * end, or malformed.
 */
class JettyAgreementTest {
  private static final Path CORPUS = Path.of("../base/src/test/resources/io/dropserver/base/http1");
  private static final Pattern REPEATED = Pattern.compile("\\{(\\d+)\\*(.*?)}");
  private static final List<Message> VALID = corpus("valid.txt");
  private static final List<Message> MALFORMED = corpus("malformed.txt");

  private static final Generator<String> ODD_STARTS =
      Generator.of(
          "GET / HTTP/1.1",
          "POST /a?b=c HTTP/1.1",
          "DELETE http://a:1/b HTTP/1.1",
          "OPTIONS * HTTP/1.1",
          "CONNECT a:443 HTTP/1.1",
          "M-SEARCH /%00 HTTP/1.1",
          "POST / HTTP/1.0",
          "HTTP/1.1 200 OK",
          "HTTP/1.1 200",
          "HTTP/1.1 200 ",
          "HTTP/1.0 404 Not Found",
          "HTTP/1.1 204 No Content",
          "HTTP/1.1 304 Not Modified",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
          "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK");

  private static final Generator<String> ODD_FIELDS =
      Generator.of(
          "X: y",
          "X:",
          "X:\t \t",
          "x:a b\tc",
          "X: \u00e4",
          "Content-Length: 5",
          "content-length:\t005 ",
          "Content-Length: 0",
          "Content-Length: 5 ",
          "Content-Length: 5,5",
          "Content-Length: +5",
          "Content-Length : 5",
          "Content_Length: 5",
          "Content-Length: 5\r\n ",
          "Transfer-Encoding: chunked",
          "TRANSFER-ENCODING:CHUNKED",
          "Transfer-Encoding: chunked, ",
          "Transfer-Encoding: identity",
          "X-Transfer-Encoding: chunked",
          "Transfer-Encoding\u00a0: chunked",
          "Connection: close",
          "Connection: keep-alive, Upgrade",
          "Upgrade: h2c",
          "Expect: 100-continue",
          "TE: trailers, chunked",
          "Trailer: Content-Length",
          "Host: b");

  private static final Generator<String> ODD_BODIES =
      Generator.of(
          "",
          "hello",
          "helloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
          "5\r\nhello\r\n0\r\n\r\n",
          "5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
          "05;x=\"y\"\r\nhello\r\n00\r\nContent-Length: 7\r\nX: y\r\n\r\nnext",
          "A\r\n0123456789\r\n1 \r\nx\r\n0\r\n\r\n",
          "5;\u00e4\r\nhello\r\n0;y\r\n\r\n",
          "0\r\n\r\n0\r\n\r\n");

  private record Message(boolean request, String method, String text) {
    byte[] bytes() {
      return text.getBytes(ISO_8859_1);
    }
  }

  private static List<Message> corpus(String name) {
    try (Stream<String> lines = Files.lines(CORPUS.resolve(name))) {
      return lines
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(line -> line.split("\\|", 4))
          .map(
              cells ->
                  new Message(
                      cells[0].strip().equals("request"),
                      cells[1].strip().equals("HEAD") ? "HEAD" : "GET",
                      message(cells[3].substring(1))))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String message(String escaped) {
    return REPEATED
        .matcher(escaped)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(match.group(2).repeat(Integer.parseInt(match.group(1)))))
        .translateEscapes();
  }

  /** Jetty refuses a few of them, such as an absolute target with another Host. */
  @Test
  void jettyReadsTheValidMessagesOfTheCorpusTheSame() {
    int both = 0;
    for (Message message : VALID) {
      assertThat(ours(message)).as(message.text()).isPresent();
      both += compare(message);
    }
    assertThat(both).isGreaterThan(VALID.size() * 3 / 4);
  }

  @Test
  void theMalformedMessagesOfTheCorpusAreRefused() {
    assertThat(MALFORMED).hasSizeGreaterThan(100);
    for (Message message : MALFORMED) {
      assertThat(ours(message)).as(message.text()).isEmpty();
    }
  }

  @Test
  void jettyReadsChangedMessagesOfTheCorpusTheSame() {
    Generator<Message> corpus =
        Generator.of(Stream.concat(VALID.stream(), MALFORMED.stream()).toList())
            .filter(message -> message.text().length() < 1_000);
    agree(
        20_000,
        random -> {
          Message message = corpus.next(random);
          StringBuilder text = new StringBuilder(message.text());
          for (int i = random.nextInt(4); i > 0; i--) {
            change(text, random);
          }
          return new Message(message.request(), message.method(), text.toString());
        });
  }

  private static void change(StringBuilder text, Random random) {
    int at = random.nextInt(text.length() + 1);
    String inserted =
        Generator.of(
                "",
                "",
                "\r",
                "\n",
                "\r\n",
                "\r\n\r\n",
                "\0",
                " ",
                "\t",
                ":",
                ",",
                ";",
                "0",
                "5",
                "f",
                "x",
                "\u00ff",
                "\u0085",
                "\u00a0")
            .next(random);
    text.replace(at, Math.min(text.length(), at + random.nextInt(3)), inserted);
  }

  @Test
  void jettyReadsMessagesOfOddPartsTheSame() {
    agree(
        20_000,
        random -> {
          String start = ODD_STARTS.next(random);
          boolean request = !start.startsWith("HTTP/");
          StringBuilder text = new StringBuilder(start).append("\r\n");
          if (request) {
            text.append("Host: a\r\n");
          }
          for (String field : ODD_FIELDS.list(0, 3).next(random)) {
            text.append(field).append("\r\n");
          }
          text.append("\r\n").append(ODD_BODIES.next(random));
          return new Message(request, random.nextInt(8) == 0 ? "HEAD" : "GET", text.toString());
        });
  }

  private static void agree(int tries, Generator<Message> messages) {
    AtomicInteger both = new AtomicInteger();
    forAll(tries, messages, message -> both.addAndGet(compare(message)));
    assertThat(both).as("messages that both accept").hasValueGreaterThan(tries / 20);
  }

  /** Returns 1 if both parsers accept the message. */
  private static int compare(Message message) {
    Optional<SeenMessage> ours = ours(message);
    Optional<SeenMessage> jettys =
        ours.flatMap(_ -> JettyMessage.read(message.request(), message.method(), message.bytes()));
    if (jettys.isEmpty()) {
      return 0;
    }
    assertThat(ours).as(message.text()).isEqualTo(jettys);
    return 1;
  }

  private static Optional<SeenMessage> ours(Message message) {
    ByteBuffer bytes = ByteBuffer.wrap(message.bytes());
    ByteSource source =
        new ByteSource() {
          @Override
          public ByteBuffer received() {
            return bytes;
          }

          @Override
          public boolean receive() {
            return false;
          }
        };
    try {
      HeadReader heads = new HeadReader(source, 16 << 10);
      if (message.request()) {
        if (heads.read() == 0) {
          return Optional.empty();
        }
        RequestHead head = heads.request();
        return Optional.of(
            seen(head.method() + " " + head.target(), head.fields(), source, head.body()));
      }
      ResponseHead head = heads.finalResponse(message.method(), false);
      return Optional.of(seen(String.valueOf(head.status()), head.fields(), source, head.body()));
    } catch (MessageException | EOFException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SeenMessage seen(String start, Fields fields, ByteSource source, Body framing)
      throws IOException {
    StringBuilder body = new StringBuilder();
    BodyReader reader = new BodyReader(source, framing);
    while (!reader.isComplete()) {
      body.append(ISO_8859_1.decode(reader.next()));
    }
    return new SeenMessage(
        start,
        fields.all().stream().map(field -> SeenMessage.field(field.name(), field.value())).toList(),
        body.toString(),
        source.received().position());
  }
}
