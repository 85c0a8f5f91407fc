package io.dropserver.tests.exfiltration;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The destination of one secret: a TCP and UDP port that is otherwise unknown, so every contact is
 * a leak of the secret. Thread-safe.
 */
final class LeakCollector implements AutoCloseable {
  /** The path of the page that is part of a technique. A request for it is not a leak. */
  private static final String ACCOMPLICE = "/accomplice";

  /** The contact of a connection without a request. */
  static final String CONNECTION = "a connection";

  private static final String NO_REQUEST = "";
  private static final int HEAD_BYTES = 64 << 10;
  private static final int QUIET_MILLIS = 1000;

  private final String secret = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
  private final ServerSocket tcp;
  private final DatagramSocket udp;
  private final Optional<Technique.Accomplice> accomplice;
  private final Object lock = new Object();
  // Guarded by lock.
  private final List<String> contacts = new ArrayList<>();
  // Guarded by lock.
  private String page = "";
  // Guarded by lock.
  private String files = "";
  // Guarded by lock.
  private long waitingSince = System.nanoTime();
  // Guarded by lock.
  private Duration waited = Duration.ZERO;

  private LeakCollector(
      ServerSocket tcp, DatagramSocket udp, Optional<Technique.Accomplice> accomplice) {
    this.tcp = tcp;
    this.udp = udp;
    this.accomplice = accomplice;
  }

  static LeakCollector start(Optional<Technique.Accomplice> accomplice) throws IOException {
    while (true) {
      ServerSocket tcp = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      DatagramSocket udp;
      try {
        udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress());
      } catch (SocketException taken) {
        tcp.close();
        continue;
      }
      LeakCollector leakCollector = new LeakCollector(tcp, udp, accomplice);
      Thread.ofVirtual().start(leakCollector::accept);
      Thread.ofVirtual().start(leakCollector::receive);
      return leakCollector;
    }
  }

  String secret() {
    return secret;
  }

  int port() {
    return tcp.getLocalPort();
  }

  /** Returns the address of the page that is part of the technique. */
  String accomplicePage() {
    return "http://" + secret + ".collector.localhost:" + port() + ACCOMPLICE;
  }

  /**
   * Sets the addresses of the technique.
   *
   * @param page the page that a person opens
   * @param files address prefix of its files
   */
  void setTechnique(String page, String files) {
    synchronized (lock) {
      this.page = page;
      this.files = files;
    }
  }

  /** Returns all contacts, in order. */
  List<String> contacts() {
    synchronized (lock) {
      return List.copyOf(contacts);
    }
  }

  /** Records that the last action that could trigger a contact has been taken. */
  void startTimer() {
    synchronized (lock) {
      waitingSince = System.nanoTime();
    }
  }

  /** Returns the time from that action until the first contact. */
  Duration timeToFirstContact() {
    synchronized (lock) {
      return waited;
    }
  }

  void recordContact(String what) {
    synchronized (lock) {
      if (contacts.isEmpty()) {
        waited = Duration.ofNanos(System.nanoTime() - waitingSince);
      }
      if (contacts.size() < 1000) {
        contacts.add(what);
      }
    }
  }

  private void accept() {
    while (!tcp.isClosed()) {
      try {
        Socket client = tcp.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      if (accomplice.isPresent()) {
        awaitFirst(in);
      }
      client.setSoTimeout(QUIET_MILLIS);
      String head = head(in);
      boolean visiting =
          head.startsWith("GET " + ACCOMPLICE)
              || (accomplice.isPresent()
                  && (head.equals(NO_REQUEST) || head.startsWith("GET /favicon.ico")));
      if (!visiting) {
        recordContact(head.equals(NO_REQUEST) ? CONNECTION : firstLine(head));
      }
      client.getOutputStream().write(answer(head));
      client.shutdownOutput();
      in.skip(1 << 20);
    } catch (IOException gone) {
      return;
    }
  }

  /**
   * Waits for the first byte. A browser opens connections to the accomplice before it has requests.
   * If such a connection were answered after a second of silence, the leak that is later sent on it
   * would be lost.
   */
  private static void awaitFirst(InputStream in) throws IOException {
    in.mark(1);
    in.read();
    in.reset();
  }

  /** Reads what arrives until a pause of one second, or to the end of the request's head. */
  private static String head(InputStream in) {
    StringBuilder head = new StringBuilder();
    try {
      while (head.length() < HEAD_BYTES && head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          break;
        }
        head.append((char) next);
      }
    } catch (IOException quiet) {
      return head.toString();
    }
    return head.toString();
  }

  private static String firstLine(String head) {
    if (head.charAt(0) < ' ') {
      return head.charAt(0) == 0x16 ? "TLS" : "TCP, " + head.length() + " bytes";
    }
    return head.lines().findFirst().orElse("?");
  }

  private byte[] answer(String head) {
    String path = head.contains(" ") ? head.split(" ", 3)[1] : "/";
    String body = path.startsWith(ACCOMPLICE) ? accomplice() : "";
    return """
    HTTP/1.1 200 OK\r
    Content-Type: %s\r
    Content-Length: %d\r
    Access-Control-Allow-Origin: *\r
    Connection: close\r
    \r
    %s\
    """
        .formatted(type(path), body.length(), body)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private String accomplice() {
    synchronized (lock) {
      return accomplice
          .map(Technique.Accomplice::html)
          .orElse("")
          .replace("{{secret}}", secret)
          .replace("{{page}}", page)
          .replace("{{files}}", files);
    }
  }

  private static String type(String path) {
    return switch (path.substring(path.lastIndexOf('.') + 1)) {
      case "css" -> "text/css";
      case "js" -> "text/javascript";
      case "svg" -> "image/svg+xml";
      case "png" -> "image/png";
      case "json" -> "application/json";
      default -> "text/html";
    };
  }

  private void receive() {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    while (!udp.isClosed()) {
      try {
        udp.receive(packet);
        recordContact("UDP, " + packet.getLength() + " bytes");
      } catch (IOException closed) {
        return;
      }
    }
  }

  @Override
  public void close() {
    udp.close();
    try {
      tcp.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
