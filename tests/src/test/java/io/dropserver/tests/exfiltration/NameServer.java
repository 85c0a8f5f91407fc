package io.dropserver.tests.exfiltration;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A name server for the browser: names in {@code leak.test} resolve to this machine, and no other
 * name exists. A look-up of a name that begins with a secret is a leak. Needs root for port 53.
 * Thread-safe.
 */
final class NameServer implements AutoCloseable {
  private static final String ADDRESS = "127.53.53.53";
  private static final int PORT = 53;
  private static final int HEADER_BYTES = 12; // RFC 1035, section 4.1.1

  private final DatagramSocket socket;
  private final Map<String, LeakCollector> bySecret = new ConcurrentHashMap<>();

  private NameServer(DatagramSocket socket) {
    this.socket = socket;
  }

  static NameServer start() throws IOException {
    NameServer server = new NameServer(new DatagramSocket(PORT, InetAddress.ofLiteral(ADDRESS)));
    Thread.ofVirtual().start(server::answer);
    return server;
  }

  /**
   * Creates a wrapper that runs a program with this name server.
   *
   * @param folder receives the wrapper
   */
  Path wrapperFor(Path program, Path folder) throws IOException {
    Path configuration = folder.resolve("resolv.conf");
    Files.writeString(configuration, "nameserver " + ADDRESS + "\noptions timeout:1\n");
    Path leading = folder.resolve(program.getFileName() + "-with-names");
    Files.writeString(
        leading,
        """
        #!/bin/sh
        exec unshare --mount sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' '%s' '%s' "$@"
        """
            .formatted(configuration, program));
    Files.setPosixFilePermissions(leading, PosixFilePermissions.fromString("rwx------"));
    return leading;
  }

  void watch(LeakCollector leakCollector) {
    bySecret.put(leakCollector.secret(), leakCollector);
  }

  private void answer() {
    byte[] buffer = new byte[1500];
    while (!socket.isClosed()) {
      try {
        DatagramPacket query = new DatagramPacket(buffer, buffer.length);
        socket.receive(query);
        byte[] answer = answer(Arrays.copyOf(buffer, query.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, query.getSocketAddress()));
      } catch (IOException closed) {
        return;
      } catch (java.nio.BufferUnderflowException malformed) {
        // Ignore malformed queries.
      }
    }
  }

  private byte[] answer(byte[] question) {
    ByteBuffer query = ByteBuffer.wrap(question);
    short id = query.getShort();
    query.position(HEADER_BYTES);
    StringBuilder name = new StringBuilder();
    for (int length = query.get(); length > 0; length = query.get()) {
      byte[] label = new byte[length];
      query.get(label);
      name.append(new String(label, StandardCharsets.US_ASCII)).append('.');
    }
    short type = query.getShort();
    int questionEnd = query.position() + Short.BYTES;
    String queried = name.toString().toLowerCase(Locale.ROOT);
    boolean ours = queried.endsWith(".leak.test.");
    if (ours) {
      LeakCollector leakCollector = bySecret.get(queried.substring(0, queried.indexOf('.')));
      if (leakCollector != null) {
        leakCollector.recordContact("DNS, " + queried);
      }
    }
    boolean address = ours && type == 1;
    ByteBuffer answer = ByteBuffer.allocate(questionEnd + 16);
    answer.putShort(id).putShort((short) (ours ? 0x8580 : 0x8583)); // no error, or no such name
    answer.putShort((short) 1).putShort((short) (address ? 1 : 0)).putInt(0);
    answer.put(question, HEADER_BYTES, questionEnd - HEADER_BYTES);
    if (address) {
      answer.putShort((short) 0xC00C).putInt(0x0001_0001).putInt(1).putShort((short) 4);
      answer.putInt(0x7F00_0001);
    }
    byte[] bytes = new byte[answer.position()];
    answer.flip().get(bytes);
    return bytes;
  }

  @Override
  public void close() {
    socket.close();
  }
}
