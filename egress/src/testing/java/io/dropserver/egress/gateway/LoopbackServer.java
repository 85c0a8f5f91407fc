package io.dropserver.egress.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A server on a loopback address that counts connections and records requests. Answers as the
 * handler decides, and echoes WebSockets.
 */
public final class LoopbackServer implements AutoCloseable {
  private final ServerSocket server;
  private final Handler handler;
  private final AtomicInteger connections = new AtomicInteger();
  private final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** Writes the answer as raw bytes, so that it can be invalid in any way. */
  @FunctionalInterface
  public interface Handler {
    void answer(Request request, OutputStream out) throws IOException;
  }

  /**
   * @param lines of the head
   * @param body its bytes as Latin-1
   */
  public record Request(List<String> lines, String body) {
    public String line() {
      return lines.getFirst();
    }

    public String path() {
      return line().split(" ", -1)[1];
    }

    public List<String> all(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return lines.stream()
          .skip(1)
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
          .map(line -> line.substring(start.length()).strip())
          .toList();
    }
  }

  private LoopbackServer(ServerSocket server, Handler handler) {
    this.server = server;
    this.handler = handler;
    var _ = Thread.ofVirtual().name("loopback-server").start(this::accept);
  }

  /** In plain text on 127.0.0.1. */
  public static LoopbackServer plain(Handler handler) throws IOException {
    return at(InetAddress.getLoopbackAddress(), handler);
  }

  public static LoopbackServer at(InetAddress address, Handler handler) throws IOException {
    return at(address, 0, handler);
  }

  public static LoopbackServer at(InetAddress address, int port, Handler handler)
      throws IOException {
    return new LoopbackServer(new ServerSocket(port, 50, address), handler);
  }

  public static LoopbackServer secured(SSLContext tls, Handler handler) throws IOException {
    return new LoopbackServer(
        tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
        handler);
  }

  /** Answers 200 with the method, the path and the body's length. */
  public static void echo(Request request, OutputStream out) throws IOException {
    String method = request.line().split(" ", -1)[0];
    ok(out, method, method + " " + request.path() + " " + request.body().length());
  }

  public static void ok(OutputStream out, String method, String text) throws IOException {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
            + text.length()
            + "\r\n\r\n";
    out.write((head + (method.equals("HEAD") ? "" : text)).getBytes(ISO_8859_1));
  }

  public int port() {
    return server.getLocalPort();
  }

  public int connections() {
    return connections.get();
  }

  public List<Request> requests() {
    return new ArrayList<>(requests);
  }

  /** The number of open connections. */
  public int open() {
    return open.size();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        connections.incrementAndGet();
        open.add(socket);
        var _ = Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      for (Request request = read(in); request != null; request = read(in)) {
        requests.add(request);
        if (request.all("Upgrade").contains("websocket") && request.path().startsWith("/ws")) {
          echoWebSocket(request, in, out);
          return;
        }
        handler.answer(request, out);
        out.flush();
      }
    } catch (IOException gone) {
      // The client closed the connection.
    } finally {
      open.remove(socket);
    }
  }

  private static @Nullable Request read(InputStream in) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = line(in); line != null; line = line(in)) {
      if (line.isEmpty()) {
        Request head = new Request(List.copyOf(lines), "");
        return new Request(head.lines(), body(head, in));
      }
      lines.add(line);
    }
    return null;
  }

  private static String body(Request head, InputStream in) throws IOException {
    if (!head.all("Content-Length").isEmpty()) {
      int length = Integer.parseInt(head.all("Content-Length").getFirst());
      return new String(in.readNBytes(length), ISO_8859_1);
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (head.all("Transfer-Encoding").contains("chunked")) {
      for (int size = size(in); size > 0; size = size(in)) {
        body.write(in.readNBytes(size));
        line(in);
      }
      line(in);
    }
    return body.toString(ISO_8859_1);
  }

  private static int size(InputStream in) throws IOException {
    String line = line(in);
    if (line == null) {
      throw new IOException("a body ended early");
    }
    return Integer.parseInt(line, 16);
  }

  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        return line.substring(0, Math.max(0, line.length() - 1));
      }
      line.append((char) next);
    }
    return null;
  }

  /** RFC 6455, for short text messages. */
  private static void echoWebSocket(Request request, InputStream in, OutputStream out)
      throws IOException {
    String key = request.all("Sec-WebSocket-Key").getFirst();
    out.write(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + accept(key)
                + "\r\n\r\n")
            .getBytes(ISO_8859_1));
    out.flush();
    while (true) {
      int first = in.read();
      if (first < 0 || (first & 0x0f) == 8) {
        return;
      }
      int length = in.read() & 0x7f;
      byte[] mask = in.readNBytes(4);
      byte[] text = in.readNBytes(length);
      for (int i = 0; i < text.length; i++) {
        text[i] ^= mask[i % 4];
      }
      out.write(0x81);
      out.write(length);
      out.write(text);
      out.flush();
    }
  }

  private static String accept(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1));
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
