package io.dropserver.web.site;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An app that sends any bytes that a test specifies, well-formed or not. */
final class FakeApp implements AutoCloseable {
  /** The accept value for {@link #WEBSOCKET_KEY}. */
  static final String WEBSOCKET_ACCEPTED =
      String.join(
          "\r\n",
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
          "",
          "");

  /** The example of RFC 6455. */
  static final String WEBSOCKET_KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private final ServerSocketChannel server;
  private final Script script;

  /** The heads of requests, in order of arrival. */
  final List<String> heads = new CopyOnWriteArrayList<>();

  final List<SocketChannel> connections = new CopyOnWriteArrayList<>();

  interface Script {
    /** Called once per connection, which is closed when the call returns. */
    void serve(Connection connection) throws IOException, InterruptedException;
  }

  FakeApp(Path socket, Script script) throws IOException {
    this.script = script;
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket), 1_024);
    Thread.ofVirtual().start(this::accept);
  }

  /** Reads the head of each request and sends these bytes. Request bodies are not supported. */
  static FakeApp answering(Path socket, String response) throws IOException {
    return new FakeApp(
        socket,
        connection -> {
          while (!connection.head().isEmpty()) {
            connection.send(response);
          }
        });
  }

  /** Answers one request per connection and closes it. */
  static FakeApp answeringOnce(Path socket, String response) throws IOException {
    return new FakeApp(
        socket,
        connection -> {
          if (!connection.head().isEmpty()) {
            connection.send(response);
          }
        });
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        connections.add(channel);
        Thread.ofVirtual().start(() -> serve(channel));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      script.serve(new Connection(channel));
    } catch (IOException e) {
      // the front door closed the connection
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (SocketChannel connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  final class Connection {
    private final SocketChannel channel;
    final InputStream in;

    Connection(SocketChannel channel) {
      this.channel = channel;
      this.in = new BufferedInputStream(Channels.newInputStream(channel));
    }

    /** Returns the next head; empty at the end. */
    String head() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int b = in.read();
        if (b < 0) {
          return "";
        }
        head.append((char) b);
      }
      heads.add(head.toString());
      return head.toString();
    }

    void send(String text) throws IOException {
      send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }
}
