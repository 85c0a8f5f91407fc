package io.dropserver.sandbox.app;

import io.dropserver.base.http1.Fields;
import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.MessageException;
import io.dropserver.base.http1.RequestHead;
import io.dropserver.base.http1.StreamSource;
import java.io.BufferedOutputStream;
import java.io.EOFException;
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

  /** A request with the URL that is its target. */
  record Request(String method, URI url, Fields headers) {}

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
    head(status)
        .field("Content-Type", "text/plain")
        .field("Content-Length", Integer.toString(body.length))
        .end(out);
    out.write(body);
  }

  /** Begins a response, after which the connection is closed. */
  static HeadEncoder head(int status) {
    return new HeadEncoder(MAX_HEAD_BYTES).response(status, "-").field("Connection", "close");
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
        InputStream in = Channels.newInputStream(client);
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

  /** Returns empty if the request is malformed, has a body or no absolute URL. */
  private static Optional<Request> read(InputStream in) throws IOException {
    HeadReader reader = new HeadReader(StreamSource.of(in), MAX_HEAD_BYTES);
    try {
      if (reader.read() == 0) {
        throw new EOFException("the connection ended before a request");
      }
      RequestHead head = reader.request();
      return absolute(head.target())
          .filter(_ -> head.body().isEmpty())
          .map(url -> new Request(head.method(), url, head.fields()));
    } catch (MessageException e) {
      return Optional.empty();
    }
  }

  private static Optional<URI> absolute(String target) {
    try {
      URI url = URI.create(target);
      return url.isAbsolute() && url.getHost() != null ? Optional.of(url) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
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
