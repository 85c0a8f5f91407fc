package io.dropserver.base.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.dropserver.base.http1.Fields.Field;
import io.dropserver.testing.property.Generator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Messages as programs that follow RFC 9112 send them. */
final class MessageGenerators {
  private static final String TOKEN =
      "!#$%&'*+-.^_`|~0123456789" + Generator.range('a', 'z') + Generator.range('A', 'Z');
  private static final String TEXT =
      "\t" + Generator.range(' ', '~') + Generator.range('\u0080', '\u00ff');
  private static final Set<String> FRAMING =
      Set.of("host", "content-length", "transfer-encoding", "connection");

  private MessageGenerators() {}

  /**
   * @param chunks of the body; without meaning unless the framing is CHUNKED
   */
  record Content(Body.Framing framing, String body, List<Integer> chunks) {
    byte[] bytes() {
      return body.getBytes(ISO_8859_1);
    }
  }

  static final Generator<String> TOKENS = Generator.strings(TOKEN, 1, 12);

  static final Generator<String> TARGETS = Generator.strings(Generator.range('!', '~'), 1, 40);

  static final Generator<String> VALUES =
      Generator.strings(TEXT, 0, 30).map(MessageGenerators::withoutBlanksAround);

  static final Generator<List<Field>> FIELDS =
      random ->
          TOKENS
              .filter(name -> !FRAMING.contains(name.toLowerCase(Locale.ROOT)))
              .<Field>map(name -> new Field(name, VALUES.next(random)))
              .list(0, 12)
              .next(random);

  static final Generator<Integer> STATUSES =
      Generator.integers(200, 599).filter(status -> status != 204 && status != 304);

  static Generator<Content> contents(Body.Framing... framings) {
    return random ->
        new Content(
            Generator.of(framings).next(random),
            new String(Generator.bytes(300).next(random), ISO_8859_1),
            Generator.integers(1, 40).list(0, 30).next(random));
  }

  /** Zero to eight positions within a message of a few hundred bytes. */
  static final Generator<List<Integer>> CUTS = Generator.integers(1, 700).list(0, 8);

  /** Encodes a message as the front door and the gateway do. */
  static byte[] encode(HeadEncoder head, Content content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (content.framing()) {
      case NONE, UNTIL_CLOSE -> {}
      case LENGTH -> head.field("Content-Length", Integer.toString(content.body().length()));
      case CHUNKED -> head.field("Transfer-Encoding", "chunked");
    }
    write(out, head.end());
    switch (content.framing()) {
      case NONE -> {}
      case LENGTH, UNTIL_CLOSE -> out.writeBytes(content.bytes());
      case CHUNKED -> {
        ByteBuffer body = ByteBuffer.wrap(content.bytes());
        for (int i = 0; body.hasRemaining(); i++) {
          int size =
              i < content.chunks().size()
                  ? Math.min(content.chunks().get(i), body.remaining())
                  : body.remaining();
          for (ByteBuffer part : ChunkEncoder.chunk(body.slice(body.position(), size))) {
            write(out, part);
          }
          body.position(body.position() + size);
        }
        write(out, ChunkEncoder.lastChunk());
      }
    }
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      out.write(bytes.get());
    }
  }

  private static String withoutBlanksAround(String text) {
    return text.replaceAll("^[ \t]+|[ \t]+$", "");
  }
}
