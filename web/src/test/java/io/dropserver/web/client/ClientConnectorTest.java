package io.dropserver.web.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientConnectorTest {
  private static final int TIMEOUT_MILLIS = 30_000;

  /** Longer than the thread that accepts needs to end. */
  private static final int NOT_COMPLETE_MILLIS = 500;

  /** Waits before it creates a connection, after the connection was accepted. */
  private static final class LateConnections extends HttpConnectionFactory {
    final CountDownLatch accepted = new CountDownLatch(1);
    final Semaphore registers = new Semaphore(0);

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
      accepted.countDown();
      registers.acquireUninterruptibly();
      return super.newConnection(connector, endPoint);
    }
  }

  private final LateConnections late = new LateConnections();
  private final Server server = new Server();
  private final ClientConnections clients =
      new ClientConnections(100, 100, Duration.ofSeconds(30), request -> false);
  private final ClientConnector connector =
      new ClientConnector(server, clients, List.of(), List.of(late));

  @BeforeEach
  void start() throws Exception {
    server.setStopTimeout(TIMEOUT_MILLIS);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            response.getHeaders().put("Connection", "close");
            response.write(true, null, callback);
            return true;
          }
        });
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(10L * TIMEOUT_MILLIS);
    server.addConnector(connector);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    late.registers.release();
    server.stop();
    clients.close();
  }

  /** Connects a client whose connection is not created before {@link LateConnections#registers}. */
  private Socket accepted() throws Exception {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
    client.setSoTimeout(TIMEOUT_MILLIS);
    assertThat(late.accepted.await(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    return client;
  }

  @Test
  void aConnectionThatWasAcceptedLastIsAnsweredDuringAShutdown() throws Exception {
    try (Socket client = accepted()) {
      client
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      CompletableFuture<Void> shutdown = connector.shutdown();
      assertThatThrownBy(() -> shutdown.get(NOT_COMPLETE_MILLIS, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      late.registers.release();

      byte[] response = client.getInputStream().readAllBytes();
      assertThat(new String(response, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200");
      shutdown.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Its idle timeout is that of a shutdown, not the usual one. */
  @Test
  void aSilentConnectionThatWasAcceptedLastDoesNotDelayAShutdown() throws Exception {
    try (Socket client = accepted()) {
      CompletableFuture<Void> shutdown = connector.shutdown();
      late.registers.release();
      shutdown.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }
}
