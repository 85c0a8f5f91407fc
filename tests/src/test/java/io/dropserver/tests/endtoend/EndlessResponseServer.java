package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** A destination with endless responses: one dot at a time, or a silent WebSocket. */
final class EndlessResponseServer implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455

  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private EndlessResponseServer(ServerSocket server) {
    this.server = server;
  }

  /** Starts the server on 127.0.0.1. */
  static EndlessResponseServer start() throws IOException {
    EndlessResponseServer started =
        new EndlessResponseServer(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")));
    var _ = Thread.ofVirtual().name("dripping-server").start(started::accept);
    return started;
  }

  int port() {
    return server.getLocalPort();
  }

  /** Returns the number of open connections. */
  int open() {
    return open.size();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        var _ = Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The test has ended.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
      String key = "";
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:")) {
          key = line.substring(line.indexOf(':') + 1).strip();
        }
      }
      OutputStream out = socket.getOutputStream();
      if (key.isEmpty()) {
        write(out, "HTTP/1.1 200 OK\r\n\r\n");
        while (true) {
          write(out, ".");
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      }
      write(
          out,
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Accept: "
              + accept(key)
              + "\r\n\r\n");
      while (in.read() >= 0) {
        // Wait until the other end closes.
      }
    } catch (IOException gone) {
      // The other end has closed.
    } finally {
      open.remove(socket);
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(US_ASCII));
    out.flush();
  }

  private static String accept(String key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
