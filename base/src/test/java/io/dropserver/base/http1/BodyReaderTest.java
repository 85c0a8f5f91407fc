package io.dropserver.base.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BodyReaderTest {
  /** A body and the number of pieces in which it arrived. */
  private record Received(String body, int pieces, int chunks) {}

  @Test
  void tinyChunksThatWereReceivedTogetherAreOnePiece() throws Exception {
    int chunks = 20_000;
    String body = "1\r\nx\r\n".repeat(chunks) + "0\r\n\r\n";
    Received received = receive(body, 32 << 10);

    assertThat(received.body()).isEqualTo("x".repeat(chunks));
    assertThat(received.pieces()).isLessThan(chunks / 1_000);
    assertThat(received.chunks()).isEqualTo(chunks + 1);
  }

  @Test
  void chunkAndReadBoundariesDoNotChangeTheBody() throws Exception {
    Random random = new Random(23);
    for (int round = 0; round < 20; round++) {
      StringBuilder body = new StringBuilder();
      StringBuilder framed = new StringBuilder();
      for (int i = random.nextInt(2_000); i > 0; i--) {
        int size = random.nextInt(10) == 0 ? 1 + random.nextInt(5_000) : 1 + random.nextInt(4);
        String chunk = String.valueOf((char) ('a' + random.nextInt(26))).repeat(size);
        body.append(chunk);
        String extension = random.nextInt(8) == 0 ? ";name=value" : "";
        framed.append(Integer.toHexString(size)).append(extension).append("\r\n");
        framed.append(chunk).append("\r\n");
      }
      framed.append("0\r\nTrailer: x\r\n\r\n");

      assertThat(receive(framed.toString(), 1 + random.nextInt(3_000)).body())
          .isEqualTo(body.toString());
    }
  }

  @Test
  void aStreamOfABodyEndsWithItAndFailsIfItIsCutOff() throws Exception {
    byte[] framed = "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\nnext".getBytes(ISO_8859_1);
    BodyStream stream = new BodyStream(source(framed), Body.CHUNKED);
    assertThat(stream.read()).isEqualTo('o');
    assertThat(stream.readNBytes(3)).asString(ISO_8859_1).isEqualTo("net");
    assertThat(stream.readAllBytes()).asString(ISO_8859_1).isEqualTo("wo");
    assertThat(stream.read()).isEqualTo(-1);
    BodyStream cut = new BodyStream(source(Arrays.copyOf(framed, 10)), Body.CHUNKED);
    assertThatThrownBy(cut::readAllBytes).isInstanceOf(EOFException.class);
  }

  private static StreamSource source(byte[] bytes) {
    return StreamSource.of(new ByteArrayInputStream(bytes));
  }

  private static Received receive(String framed, int bytesPerRead) throws IOException {
    List<Integer> cuts = new ArrayList<>();
    for (int cut = bytesPerRead; cut < framed.length(); cut += bytesPerRead) {
      cuts.add(cut);
    }
    BodyReader reader =
        new BodyReader(new PiecewiseSource(framed.getBytes(ISO_8859_1), cuts, true), Body.CHUNKED);
    StringBuilder body = new StringBuilder();
    int pieces = 0;
    while (!reader.isComplete()) {
      ByteBuffer piece = reader.next();
      body.append(ISO_8859_1.decode(piece));
      pieces++;
    }
    int chunks = reader.takeChunks();
    assertThat(reader.takeChunks()).isZero();
    return new Received(body.toString(), pieces, chunks);
  }
}
