package io.dropserver.tests.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Services of the host that return the canary to every client and record the contact. TCP and UDP
 * on loopback, a Unix socket and an abstract socket. Thread-safe.
 */
final class CanaryServer implements AutoCloseable {
  /** Java does not support abstract Unix sockets. Perl is essential on Debian. */
  private static final String ABSTRACT_SERVER =
      """
      use Socket; my ($name, $canary) = @ARGV; $| = 1;
      socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die; bind($s, pack("S a*", AF_UNIX, "\\0$name")) or die "$!";
      listen($s, 5) or die; print "ready\\n";
      while (accept(my $c, $s)) { print "hit\\n"; syswrite($c, $canary); close($c); }
      """;

  private final String canary;
  private final List<ServerSocketChannel> tcp = new ArrayList<>();
  private final List<ServerSocketChannel> unix = new ArrayList<>();
  private final DatagramSocket udp;
  private final String abstractName;
  private final Process abstractServer;
  private final Object lock = new Object();
  // Guarded by lock.
  private final List<String> hits = new ArrayList<>();

  private CanaryServer(List<Path> sockets, String canary, List<String> addresses)
      throws IOException {
    this.canary = canary;
    int port = listen("127.0.0.1", 0);
    try {
      listen("::1", port);
    } catch (IOException withoutIpv6) {
      // If the address is unavailable, attackers cannot reach it either.
    }
    for (String address : addresses) {
      listen(address, port);
    }
    for (Path socket : sockets) {
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      unix.add(server);
      server.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
    }
    this.udp = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    this.abstractName =
        "dropserver-canary-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    this.abstractServer =
        new ProcessBuilder("perl", "-e", ABSTRACT_SERVER, abstractName, canary).start();
  }

  private int listen(String address, int port) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    tcp.add(server);
    server.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  /**
   * @param addresses additional TCP addresses besides loopback
   */
  static CanaryServer start(List<Path> sockets, String canary, List<String> addresses)
      throws IOException {
    CanaryServer canaryServer = new CanaryServer(sockets, canary, addresses);
    canaryServer.tcp.forEach(
        server -> Thread.ofVirtual().start(() -> canaryServer.accept(server, "TCP port")));
    canaryServer.unix.forEach(
        server -> Thread.ofVirtual().start(() -> canaryServer.accept(server, "Unix socket")));
    Thread.ofVirtual().start(canaryServer::answerDatagrams);
    InputStream output = canaryServer.abstractServer.getInputStream();
    if (output.read() != 'r') {
      throw new IOException("no abstract socket can be made on this machine");
    }
    Thread.ofVirtual().start(() -> canaryServer.watchAbstract(output));
    return canaryServer;
  }

  int tcpPort() throws IOException {
    return ((InetSocketAddress) tcp.getFirst().getLocalAddress()).getPort();
  }

  int udpPort() {
    return udp.getLocalPort();
  }

  String abstractName() {
    return abstractName;
  }

  List<String> hits() {
    synchronized (lock) {
      return List.copyOf(hits);
    }
  }

  void clearHits() {
    synchronized (lock) {
      hits.clear();
    }
  }

  private void hit(String what) {
    synchronized (lock) {
      hits.add(what);
    }
  }

  private void accept(ServerSocketChannel server, String what) {
    try {
      while (true) {
        try (SocketChannel client = server.accept()) {
          hit(what);
          // Valid for a raw reader and for an HTTP client alike.
          String response =
              "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                  .formatted(canary.length(), canary);
          client.write(ByteBuffer.wrap(response.getBytes(StandardCharsets.UTF_8)));
        } catch (java.nio.channels.ClosedChannelException closed) {
          if (!server.isOpen()) {
            return;
          }
        }
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void answerDatagrams() {
    byte[] buffer = new byte[2048];
    byte[] response = canary.getBytes(StandardCharsets.UTF_8);
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        udp.receive(packet);
        hit("UDP port");
        udp.send(new DatagramPacket(response, response.length, packet.getSocketAddress()));
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void watchAbstract(InputStream output) {
    try (var lines =
        new java.io.BufferedReader(new java.io.InputStreamReader(output, StandardCharsets.UTF_8))) {
      lines.lines().filter(line -> line.equals("hit")).forEach(line -> hit("abstract socket"));
    } catch (IOException closed) {
      return;
    }
  }

  @Override
  public void close() {
    try {
      for (ServerSocketChannel server : tcp) {
        server.close();
      }
      for (ServerSocketChannel server : unix) {
        server.close();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    udp.close();
    abstractServer.destroyForcibly();
  }
}
