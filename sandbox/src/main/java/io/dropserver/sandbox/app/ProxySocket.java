package io.dropserver.sandbox.app;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A minimal HTTP proxy for Deno: requests in absolute form without a body (RFC 9112, section 3.2.2)
 * on a Unix socket, one per connection. Thread-safe.
 */
final class ProxySocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProxySocket.class);
  private static final int MAX_HEAD_BYTES = 16 << 10;
  private static final int MAX_CONNECTIONS = 64;

  /**
   * The length of the queue of connections. Deno fetches all packages at once, and fails if one
   * connection does not fit into the queue. The kernel limits the queue to net.core.somaxconn.
   */
  private static final int BACKLOG = 4096;

  private final ServerSocketChannel server;
  private final Handler handler;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final Semaphore free = new Semaphore(MAX_CONNECTIONS);

  /** Writes a whole response. The connection is closed afterwards. */
  @FunctionalInterface
  interface Handler {
    void handle(Request request, OutputStream out) throws IOException;
  }

  /**
   * @param headers by lower-case name
   */
  record Request(String method, URI url, Map<String, String> headers) {
    Optional<String> header(String lowerCaseName) {
      return Optional.ofNullable(headers.get(lowerCaseName));
    }
  }

  private ProxySocket(ServerSocketChannel server, Handler handler) {
    this.server = server;
    this.handler = handler;
  }

  /**
   * Listens on the socket. Every process that can reach the socket's folder may connect, because
   * the sandbox has another uid.
   */
  static ProxySocket listen(Path socket, Handler handler) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
    var listening = new ProxySocket(server, handler);
    Thread.ofVirtual().name("registry-gateway").start(listening::accept);
    return listening;
  }

  static void respond(OutputStream out, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 %d -\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, body.length);
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    out.write(body);
  }

  private void accept() {
    try {
      while (true) {
        free.acquire();
        SocketChannel client = server.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (ClosedChannelException e) {
      LOG.trace("closed");
    } catch (IOException e) {
      LOG.warn("The gateway of an installation stopped accepting connections", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        InputStream in = new BufferedInputStream(Channels.newInputStream(client));
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(client))) {
      Optional<Request> request = read(in);
      if (request.isPresent()) {
        handler.handle(request.get(), out);
      } else {
        respond(out, 400, "This gateway accepts only absolute URLs.");
      }
    } catch (IOException e) {
      LOG.debug("A connection of an installation failed", e);
    } finally {
      open.remove(client);
      free.release();
    }
  }

  private static Optional<Request> read(InputStream in) throws IOException {
    String[] lines = head(in).split("\r\n", -1);
    String[] first = lines[0].split(" ", -1);
    if (first.length != 3) {
      return Optional.empty();
    }
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
    }
    return absolute(first[1]).map(url -> new Request(first[0], url, Map.copyOf(headers)));
  }

  private static Optional<URI> absolute(String target) {
    try {
      URI url = URI.create(target);
      return url.isAbsolute() && url.getHost() != null ? Optional.of(url) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int value = in.read();
      if (value < 0 || head.length() >= MAX_HEAD_BYTES) {
        throw new IOException("not an HTTP request head");
      }
      head.append((char) value);
    }
    return head.toString();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (SocketChannel client : open) {
        client.close();
      }
    } catch (IOException e) {
      LOG.debug("A socket of an installation could not be closed", e);
    }
  }
}
