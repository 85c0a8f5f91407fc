package io.dropserver.web.site;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An app that sends a head and then endlessly the same bytes on each connection, and reads all
 * input. It uses platform threads, because a real app in its own process does not compete for the
 * carriers of virtual threads either.
 */
final class FloodingApp implements AutoCloseable {
  private final ServerSocketChannel server;
  private final byte[] head;
  private final byte[] flood;
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

  /**
   * @param flood repeated endlessly; empty for an app that only reads
   */
  FloodingApp(Path socket, String head, String flood) throws IOException {
    this.head = head.getBytes(StandardCharsets.ISO_8859_1);
    this.flood =
        flood
            .repeat(flood.isEmpty() ? 1 : (64 << 10) / flood.length())
            .getBytes(StandardCharsets.ISO_8859_1);
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket), 1_024);
    Thread.ofPlatform().daemon().name("flooding-app").start(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        connections.add(channel);
        InputStream in = Channels.newInputStream(channel);
        OutputStream out = Channels.newOutputStream(channel);
        if (flood.length > 0) {
          Thread.ofPlatform().daemon().start(() -> flood(in, out));
        } else {
          Thread.ofPlatform().daemon().start(() -> read(in));
        }
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void flood(InputStream in, OutputStream out) {
    try {
      int _ = in.read(new byte[16 << 10]);
      out.write(head);
      Thread.ofPlatform().daemon().start(() -> read(in));
      while (true) {
        out.write(flood);
      }
    } catch (IOException gone) {
      // The front door closed the connection.
    }
  }

  private static void read(InputStream in) {
    byte[] buffer = new byte[64 << 10];
    try {
      while (in.read(buffer) >= 0) {
        // Continue with the next connection.
      }
    } catch (IOException gone) {
      // The front door closed the connection.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
  }
}
