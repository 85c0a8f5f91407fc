package io.dropserver.web.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BodyReaderTest {
  private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  @TempDir private Path folder;

  /** A body and the number of pieces in which it arrived. */
  private record Received(String body, int pieces) {}

  @Test
  void tinyChunksThatWereReceivedTogetherAreOnePiece() throws Exception {
    int chunks = 20_000;
    String body = "1\r\nx\r\n".repeat(chunks) + "0\r\n\r\n";
    Received received = receive(body.getBytes(StandardCharsets.ISO_8859_1), body.length());
    assertThat(received.body()).isEqualTo("x".repeat(chunks));
    assertThat(received.pieces()).isLessThan(chunks / 20);
  }

  @Test
  void whereverChunksAndReadsAreCutTheBodyIsTheSame() throws Exception {
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
      byte[] bytes = framed.toString().getBytes(StandardCharsets.ISO_8859_1);
      assertThat(receive(bytes, 1 + random.nextInt(3_000)).body()).isEqualTo(body.toString());
    }
  }

  private Received receive(byte[] response, int perWrite) throws Exception {
    Path socket = folder.resolve("app-" + System.nanoTime());
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        UpstreamPool pool = new UpstreamPool()) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread app = Thread.ofPlatform().daemon().start(() -> answer(server, response, perWrite));
      try (UpstreamConnection connection =
          pool.acquire("app", UnixDomainSocketAddress.of(socket), 1, true)) {
        connection.send("GET", "/", HttpFields.EMPTY, ByteBuffer.allocate(0));
        connection.readHead(false, false);
        Received received = body(connection.body());
        app.join();
        return received;
      }
    }
  }

  private static Received body(BodyReader reader) throws UpstreamException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int pieces = 0;
    while (!reader.isComplete()) {
      ByteBuffer piece = reader.next();
      byte[] bytes = new byte[piece.remaining()];
      piece.get(bytes);
      body.writeBytes(bytes);
      pieces++;
    }
    return new Received(body.toString(StandardCharsets.ISO_8859_1), pieces);
  }

  private static void answer(ServerSocketChannel server, byte[] response, int perWrite) {
    try (SocketChannel channel = server.accept()) {
      int _ = channel.read(ByteBuffer.allocate(1_024));
      OutputStream out = Channels.newOutputStream(channel);
      out.write(HEAD.getBytes(StandardCharsets.ISO_8859_1));
      for (int from = 0; from < response.length; from += perWrite) {
        out.write(response, from, Math.min(perWrite, response.length - from));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
