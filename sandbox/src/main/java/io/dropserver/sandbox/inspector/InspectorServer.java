package io.dropserver.sandbox.inspector;

import io.dropserver.base.http1.BodyStream;
import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.ResponseHead;
import io.dropserver.base.http1.StreamSource;
import io.dropserver.sandbox.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Relays WebSockets of debuggers on this machine to an {@link InspectorTarget}. An inspector runs
 * any code in the app's process, so each request needs a random token, must name this server as its
 * host, and must not come from a web page. Thread-safe.
 */
public final class InspectorServer implements AutoCloseable {
  static final int MAX_CONNECTIONS = 16;
  private static final int HEAD_SECONDS = 5;
  private static final int TOKEN_BYTES = 16;
  private static final int BUFFER_BYTES = 16 << 10;

  /** The inspector's list of targets is a few hundred bytes for each thread of the app. */
  private static final int MAX_LIST_BYTES = 64 << 10;

  private static final int MAX_HEAD_BYTES = 8 << 10;

  private static final String HOST = "127.0.0.1:" + InspectorTarget.PORT;
  private static final Pattern ADDRESS =
      Pattern.compile("\"ws://" + Pattern.quote(HOST) + "(/[0-9a-f-]{36})\"");

  private final InspectorTarget target;
  private final ServerSocket listener;
  private final String token;
  private final Semaphore slots = new Semaphore(MAX_CONNECTIONS);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService deadlines =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("inspector-deadlines").unstarted(task));

  private InspectorServer(InspectorTarget target, ServerSocket listener) {
    this.target = target;
    this.listener = listener;
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    this.token = HexFormat.of().formatHex(random);
  }

  /**
   * Listens on a free port of 127.0.0.1.
   *
   * @throws UncheckedIOException when the machine has no free port
   */
  public static InspectorServer start(InspectorTarget target) {
    try {
      InspectorServer server =
          new InspectorServer(
              target, new ServerSocket(0, MAX_CONNECTIONS, InetAddress.ofLiteral("127.0.0.1")));
      var _ = Thread.ofVirtual().name("inspector").start(server::accept);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen for debuggers on 127.0.0.1", e);
    }
  }

  /** Returns the address for debuggers, without its scheme. It contains the token. */
  public String address() {
    return "127.0.0.1:" + listener.getLocalPort() + "/" + token;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (slots.tryAcquire()) {
          var _ = Thread.ofVirtual().name("inspector-client").start(() -> serveAndClose(client));
        } else {
          client.close();
        }
      } catch (IOException closedOrAborted) {
        // The loop ends when the listener is closed.
      }
    }
  }

  private void serveAndClose(Socket client) {
    open.add(client);
    try (client) {
      serve(client);
    } catch (IOException ended) {
      // Either side closed its connection.
    } finally {
      open.remove(client);
      slots.release();
    }
  }

  private void serve(Socket client) throws IOException {
    ScheduledFuture<?> deadline = closeLater(client);
    Optional<UpgradeRequest> request = UpgradeRequest.read(client.getInputStream());
    if (request.filter(it -> it.isAllowed(token, listener.getLocalPort())).isEmpty()) {
      refuse(client, 403, "Forbidden", "Use the address that app dev printed.");
      return;
    }
    if (!request.get().isUpgrade()) {
      refuse(client, 426, "Upgrade Required", "This address is for debuggers, over WebSocket.");
      return;
    }
    try (SocketChannel inspector = connect(request.get())) {
      if (!deadline.cancel(false)) {
        return;
      }
      relay(client, inspector);
    } catch (SandboxException | IOException e) {
      if (deadline.isDone()) {
        return;
      }
      refuse(client, 503, "Service Unavailable", "The app is not running: open its page first.");
    }
  }

  private ScheduledFuture<?> closeLater(AutoCloseable connection) {
    return deadlines.schedule(() -> closeQuietly(connection), HEAD_SECONDS, TimeUnit.SECONDS);
  }

  private static void refuse(Socket client, int status, String reason, String text)
      throws IOException {
    head()
        .response(status, reason)
        .field("Content-Type", "text/plain")
        .field("Content-Length", Integer.toString(text.length()))
        .field("Connection", "close")
        .end(client.getOutputStream());
    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static HeadEncoder head() {
    return new HeadEncoder(MAX_HEAD_BYTES);
  }

  /** Connects, and sends the request with headers of this server only. */
  private SocketChannel connect(UpgradeRequest request) throws IOException {
    String path = path();
    SocketChannel inspector = target.connect();
    try {
      head()
          .request("GET", path)
          .field("Host", HOST)
          .field("Upgrade", "websocket")
          .field("Connection", "Upgrade")
          .field("Sec-WebSocket-Version", "13")
          .field("Sec-WebSocket-Key", request.key())
          .end(Channels.newOutputStream(inspector));
      return inspector;
    } catch (IOException e) {
      inspector.close();
      throw e;
    }
  }

  /** Asks the inspector for the path of the app's main thread. */
  private String path() throws IOException {
    try (SocketChannel inspector = target.connect()) {
      ScheduledFuture<?> deadline = closeLater(inspector);
      head()
          .request("GET", "/json/list")
          .field("Host", HOST)
          .field("Connection", "close")
          .end(Channels.newOutputStream(inspector));
      StreamSource source = StreamSource.of(Channels.newInputStream(inspector));
      ResponseHead response = new HeadReader(source, MAX_HEAD_BYTES).finalResponse("GET", false);
      byte[] list = new BodyStream(source, response.body()).readNBytes(MAX_LIST_BYTES);
      deadline.cancel(false);
      Matcher found = ADDRESS.matcher(new String(list, StandardCharsets.UTF_8));
      if (!found.find()) {
        throw new IOException("the inspector has no target");
      }
      return found.group(1);
    }
  }

  /** Copies in both directions until one side ends. */
  private static void relay(Socket client, SocketChannel inspector) throws IOException {
    var _ =
        Thread.ofVirtual()
            .name("inspector-relay")
            .start(
                () -> {
                  try (client) {
                    copy(Channels.newInputStream(inspector), client.getOutputStream());
                  } catch (IOException ended) {
                    // The other direction ends too, because the client's socket is closed.
                  }
                });
    copy(client.getInputStream(), Channels.newOutputStream(inspector));
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
      out.flush();
    }
  }

  private static void closeQuietly(AutoCloseable connection) {
    try {
      connection.close();
    } catch (Exception alreadyClosed) {
      // The descriptor is released in any case.
    }
  }

  /** Closes all connections and the target. */
  @Override
  public void close() {
    closeQuietly(listener);
    open.forEach(InspectorServer::closeQuietly);
    deadlines.shutdownNow();
    target.close();
  }
}
