package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.schema.host.HostConfig.ListenerSettings;
import io.dropserver.schema.host.HostConfigException;
import io.dropserver.web.home.AppMetadataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A socket that the service manager holds while servers come and go. */
class SharedListenerTest {
  private static final int SOCKET_TIMEOUT_MILLIS = 60_000;

  @TempDir Path folder;
  private ServerSocketChannel held;

  @BeforeEach
  void listen() throws IOException {
    held =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void close() throws IOException {
    held.close();
  }

  @Test
  void clientsThatConnectBetweenTwoServersAreAnsweredByTheNext() throws IOException {
    try (FrontDoor first = bind("127.0.0.1", port())) {
      assertThat(first.port()).isEqualTo(port());
      serve(first);
      try (Socket client = request()) {
        assertThat(answer(client)).startsWith("HTTP/1.1 ");
      }
    }
    try (Socket early = request();
        FrontDoor second = bind("127.0.0.1", port());
        Socket late = request()) {
      serve(second);
      assertThat(answer(early)).startsWith("HTTP/1.1 ");
      assertThat(answer(late)).startsWith("HTTP/1.1 ");
    }
    assertThat(held.isOpen()).isTrue();
  }

  @Test
  void aClosedListenerTakesNoConnection() throws Exception {
    SharedListener closed = SharedListener.of(held);
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(() -> isWithoutConnection(closed));
    closed.close();
    assertThat(waiting).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(true);
    try (Socket client = request();
        SharedListener next = SharedListener.of(held)) {
      assertThat(isWithoutConnection(closed)).isTrue();
      try (SocketChannel accepted = Objects.requireNonNull(next.accept())) {
        assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalSocketAddress());
      }
    }
  }

  @Test
  void aSocketAtAnotherAddressThanTheConfigurationIsRefused() {
    for (ListenerSettings other :
        List.of(listener("127.0.0.1", port() ^ 1), listener("127.0.0.2", port()))) {
      assertThatThrownBy(() -> bind(List.of(other)))
          .isInstanceOf(HostConfigException.class)
          .hasMessageContaining("127.0.0.1:" + port())
          .hasMessageContaining("ListenStream");
    }
  }

  private static boolean isWithoutConnection(SharedListener listener) {
    try {
      return listener.accept() == null;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private int port() {
    return held.socket().getLocalPort();
  }

  private Socket request() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port());
    client.setSoTimeout(SOCKET_TIMEOUT_MILLIS);
    client
        .getOutputStream()
        .write(
            "GET / HTTP/1.1\r\nHost: a.localhost\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    return client;
  }

  private static String answer(Socket client) throws IOException {
    return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private FrontDoor bind(String address, int port) {
    return bind(List.of(listener(address, port)));
  }

  private FrontDoor bind(List<ListenerSettings> listeners) {
    return FrontDoor.bind(
        listeners,
        Optional.of(held),
        folder.resolve("inside.sock"),
        FrontDoorFixture.NO_CERTIFICATES,
        FrontDoorLimits.DEFAULT,
        TestIdentity.open(),
        new SimpleMeterRegistry());
  }

  private static ListenerSettings listener(String address, int port) {
    return new ListenerSettings(
        InetSocketAddress.createUnresolved(address, port),
        Optional.empty(),
        List.of(),
        List.of(),
        false);
  }

  private static void serve(FrontDoor door) {
    door.serve(
        new FakeLeases(),
        (_, _, _) -> false,
        _ -> AppMetadataSource.AppMetadata.UNKNOWN,
        (_, _) -> false);
  }
}
