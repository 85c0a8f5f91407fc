package io.dropserver.egress.gateway;

import static io.dropserver.egress.gateway.GatewayFixture.readUntil;
import static io.dropserver.egress.gateway.GatewayFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever an app sends to the gateway, requests of other appspaces are served. */
@Timeout(120)
class GatewayCarrierTest {
  private static final int CONNECTIONS = 120;
  private static final int QUIET_REQUESTS = 60;

  /** Far above what half of the requests need on a busy machine. */
  private static final Duration TIMEOUT = Duration.ofSeconds(4);

  private final List<Closeable> closed = new ArrayList<>();
  @TempDir private Path folder;
  private GatewayFixture gateway;
  private LoopbackServer server;
  private Closeable quiet;

  @BeforeEach
  void open() throws IOException {
    gateway = new GatewayFixture(folder, EgressLimits.DEFAULT, List.of(), "127.0.0.1/32");
    gateway.resolves("name.test", "127.0.0.1");
    server = LoopbackServer.plain(LoopbackServer::echo);
    EgressAccount other = gateway.gateway.account("quiet");
    other.applyPolicy(GatewayFixture.policy(List.of(url()), List.of()));
    quiet = gateway.gateway.listen(other, folder.resolve("quiet.sock"));
  }

  @AfterEach
  void close() throws IOException {
    for (Closeable each : closed) {
      each.close();
    }
    quiet.close();
    server.close();
    gateway.close();
  }

  private String url() {
    return "http://name.test:" + server.port() + "/";
  }

  @Test
  void anotherAppspacesRequestsPassBesideOneByteChunksThatAreRefused() throws Exception {
    String post =
        "POST http://denied.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    attack(post, "1\r\nx\r\n".repeat(10_000));
    assertQuietIsAnswered();
  }

  @Test
  void anotherAppspacesRequestsPassBesideOneByteChunksThatAreAllowed() throws Exception {
    ServerSocket sink = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    closed.add(sink);
    Thread.ofPlatform().daemon().start(() -> swallow(sink));
    String to = "http://name.test:" + sink.getLocalPort() + "/";
    gateway.allow(to);
    String post = "POST " + to + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    attack(post, "1\r\nx\r\n".repeat(10_000));
    assertQuietIsAnswered();
  }

  @Test
  void anotherAppspacesRequestsPassBesidePipelinedRequestsThatAreRefused() throws Exception {
    attack("", "GET http://denied.test/ HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000));
    assertQuietIsAnswered();
  }

  /** Uses platform threads to act like another process. Closed connections are opened again. */
  private void attack(String start, String repeated) throws IOException {
    byte[] first = start.getBytes(StandardCharsets.ISO_8859_1);
    byte[] again = repeated.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < CONNECTIONS; i++) {
      SocketChannel connection = gateway.connect();
      closed.add(connection);
      Thread.ofPlatform().daemon().start(() -> read(connection));
      Thread.ofPlatform().daemon().start(() -> send(connection, first, again));
    }
  }

  /** A destination that reads without end and never answers. */
  private static void swallow(ServerSocket sink) {
    try {
      while (true) {
        Socket client = sink.accept();
        Thread.ofPlatform().daemon().start(() -> read(client));
      }
    } catch (IOException over) {
      // The test is over.
    }
  }

  private static void read(Socket client) {
    try (client) {
      client.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException over) {
      // The gateway closed the connection.
    }
  }

  private static void read(SocketChannel connection) {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    try {
      while (connection.read(buffer.clear()) >= 0) {
        // Discard it.
      }
    } catch (IOException over) {
      // The test or the gateway closed the connection.
    }
  }

  private void send(SocketChannel connection, byte[] first, byte[] again) {
    SocketChannel channel = connection;
    while (true) {
      try (SocketChannel current = channel) {
        write(current, new String(first, StandardCharsets.ISO_8859_1));
        while (true) {
          ByteBuffer bytes = ByteBuffer.wrap(again);
          while (bytes.hasRemaining()) {
            current.write(bytes);
          }
        }
      } catch (IOException over) {
        // The gateway closed the connection: open another one.
      }
      try {
        channel = gateway.connect();
      } catch (IOException over) {
        return; // The test is over.
      }
    }
  }

  private void assertQuietIsAnswered() throws IOException {
    LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    long[] nanos = new long[QUIET_REQUESTS];
    for (int i = 0; i < QUIET_REQUESTS; i++) {
      long start = System.nanoTime();
      try (SocketChannel channel =
          SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("quiet.sock")))) {
        write(channel, "GET " + url() + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(readUntil(channel, "GET / 0")).startsWith("HTTP/1.1 200");
      }
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    assertThat(Duration.ofNanos(nanos[QUIET_REQUESTS / 2])).isLessThan(TIMEOUT);
  }
}
