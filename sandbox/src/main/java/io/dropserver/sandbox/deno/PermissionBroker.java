package io.dropserver.sandbox.deno;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.budget.RelayScheduler;
import io.dropserver.schema.status.SandboxReason;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Answers the permission requests of the Deno process of one sandbox. Deno blocks its whole event
 * loop until it gets the answer, so the answer is computed from the request alone. Deno fails
 * closed: if the broker has ended or sends an invalid message, Deno exits with status 87.
 *
 * <p>The other end may be the app itself. An invalid request closes the connection, and the limits
 * below keep a sandbox from exhausting the server's memory.
 */
public final class PermissionBroker implements AutoCloseable {
  /** A path of 4096 bytes, each escaped as six characters, plus the JSON around it. */
  private static final int MAX_LINE = 32 << 10;

  /** The maximum number of connections. Deno needs one connection per process. */
  private static final int MAX_CONNECTIONS = 8;

  /** Estimated CPU time to read, decide and answer a request, and for each byte of it. */
  private static final long QUESTION_NANOS = 40_000;

  private static final long BYTE_NANOS = 10;

  private final String appspace;
  private final PermissionPolicy policy;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
  private final Semaphore slots = new Semaphore(MAX_CONNECTIONS);

  private PermissionBroker(String appspace, PermissionPolicy policy, ServerSocketChannel server) {
    this.appspace = appspace;
    this.policy = policy;
    this.server = server;
  }

  /**
   * Listens on the socket, and answers requests until the broker is closed.
   *
   * @param socket must not exist; in a folder that no sandbox can write
   */
  public static PermissionBroker listen(String appspace, Path socket, PermissionPolicy policy) {
    try {
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      PermissionBroker broker = new PermissionBroker(appspace, policy, server);
      var _ = Thread.ofVirtual().name("permission-broker").start(broker::accept);
      return broker;
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot listen at " + socket + ": " + e.getMessage(), e);
    }
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = server.accept();
        if (slots.tryAcquire()) {
          connections.add(connection);
          var _ = Thread.ofVirtual().name("permission-answers").start(() -> serve(connection));
        } else {
          connection.close();
        }
      }
    } catch (IOException closed) {
      connections.forEach(PermissionBroker::close);
    }
  }

  private void serve(SocketChannel connection) {
    RelayScheduler.Relay relay = RelayScheduler.PROCESS.relay(appspace);
    try (connection;
        InputStream input = new BufferedInputStream(Channels.newInputStream(connection));
        OutputStream output = Channels.newOutputStream(connection)) {
      Optional<byte[]> line = readLine(input);
      while (line.isPresent()) {
        relay.recordWork(QUESTION_NANOS + line.get().length * BYTE_NANOS);
        Optional<PermissionRequest> request = BrokerProtocol.request(line.get());
        if (request.isEmpty()) {
          return;
        }
        output.write(answer(request.get()));
        line = readLine(input);
      }
    } catch (IOException ended) {
      // The process has ended or the broker was closed, so there is no peer to answer.
    } finally {
      connections.remove(connection);
      slots.release();
    }
  }

  private byte[] answer(PermissionRequest request) {
    return BrokerProtocol.answer(request.id(), policy.decide(request));
  }

  /**
   * Reads a line. Returns empty at the end of the stream, and for a line that is longer than any
   * request.
   */
  private static Optional<byte[]> readLine(InputStream input) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = input.read(); next >= 0; next = input.read()) {
      if (next == '\n') {
        return Optional.of(line.toByteArray());
      }
      if (line.size() == MAX_LINE) {
        return Optional.empty();
      }
      line.write(next);
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    close(server);
    connections.forEach(PermissionBroker::close);
  }

  private static void close(AutoCloseable channel) {
    try {
      channel.close();
    } catch (Exception ignored) {
      // The channel has no buffered data to lose.
    }
  }
}
