package io.dropserver.tests.exfiltration;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A proxy between a browser and the front door, on the same port of another loopback address. It
 * replaces {@code Sec-Fetch-Dest} in top-level navigations. Each request uses a new connection.
 * Thread-safe.
 */
final class FetchDestRelay implements AutoCloseable {
  private static final int HEAD_BYTES = 64 << 10;
  private static final String ORIGINAL_HEADER = "sec-fetch-dest: document";

  private final ServerSocket server;
  private final Optional<String> fetchDest;

  private FetchDestRelay(ServerSocket server, Optional<String> instead) {
    this.server = server;
    this.fetchDest = instead;
  }

  /**
   * @param instead the value of {@code Sec-Fetch-Dest}; empty removes the header
   */
  static FetchDestRelay start(String address, int port, Optional<String> instead)
      throws IOException {
    FetchDestRelay fetchDestRelay =
        new FetchDestRelay(new ServerSocket(port, 100, InetAddress.ofLiteral(address)), instead);
    Thread.ofVirtual().start(fetchDestRelay::accept);
    return fetchDestRelay;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Thread.ofVirtual().start(() -> relay(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void relay(Socket client) {
    try (client;
        Socket door = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
      String head = head(client.getInputStream());
      if (head.isEmpty()) {
        return;
      }
      door.getOutputStream().write(changed(head).getBytes(StandardCharsets.ISO_8859_1));
      Thread.ofVirtual().start(() -> pass(client, door));
      pass(door, client);
    } catch (IOException gone) {
      return;
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException gone) {
      return;
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int ends = 0;
    while (ends < 4 && head.size() < HEAD_BYTES) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
      ends = next == "\r\n\r\n".charAt(ends) ? ends + 1 : next == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private String changed(String head) {
    List<String> lines = head.lines().toList();
    boolean upgrades = lines.stream().anyMatch(line -> lower(line).startsWith("upgrade:"));
    StringBuilder changed = new StringBuilder();
    for (String line : lines) {
      String lower = lower(line);
      if (lower.equals(ORIGINAL_HEADER)) {
        fetchDest.ifPresent(said -> changed.append("Sec-Fetch-Dest: ").append(said).append("\r\n"));
      } else if (lower.startsWith("connection:") && !upgrades) {
        changed.append("Connection: close\r\n");
      } else {
        changed.append(line).append("\r\n");
      }
    }
    return changed.toString();
  }

  private static String lower(String line) {
    return line.toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
