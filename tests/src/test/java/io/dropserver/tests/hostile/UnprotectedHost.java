package io.dropserver.tests.hostile;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Interfaces of an unprotected host in the tests' virtual machine: a container engine. */
final class UnprotectedHost implements AutoCloseable {
  private static final byte[] YES =
      "{\"v\":1,\"id\":1,\"result\":\"allow\"}\n".getBytes(StandardCharsets.US_ASCII);

  private final List<ServerSocketChannel> servers = new ArrayList<>();

  private UnprotectedHost() {}

  static UnprotectedHost open() throws IOException {
    UnprotectedHost host = new UnprotectedHost();
    host.listen(Path.of("/run/docker.sock"));
    return host;
  }

  private void listen(Path socket) throws IOException {
    Path folder = socket.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    servers.add(server);
    Thread.ofVirtual().start(() -> accept(server));
  }

  private static void accept(ServerSocketChannel server) {
    try {
      while (true) {
        SocketChannel client = server.accept();
        Thread.ofVirtual().start(() -> allow(client));
      }
    } catch (IOException closed) {
      return;
    }
  }

  private static void allow(SocketChannel client) {
    try (client) {
      ByteBuffer taken = ByteBuffer.allocate(1 << 16);
      client.read(taken);
      client.write(ByteBuffer.wrap(YES));
      do {
        taken.clear();
      } while (client.read(taken) >= 0);
    } catch (IOException gone) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    for (ServerSocketChannel server : servers) {
      server.close();
    }
  }
}
