package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfigReader;
import io.dropserver.state.StateFolder;
import io.dropserver.testing.CertificateAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails half-way closes everything that it has opened. */
class ServerStartTest {
  @TempDir Path folder;

  @Test
  void aPortInUseLeavesNeitherTheLockNorAThread() throws IOException {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HostConfig config = config(used.getLocalPort(), "");
      StateFolder state = new StateFolder(folder.resolve("state"));
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> Server.start(config, state, folder))
            .isInstanceOf(UncheckedIOException.class)
            .hasMessageStartingWith("cannot listen on 127.0.0.1:" + used.getLocalPort())
            .hasMessageContaining("`ss -ltnp`")
            .hasMessageContaining("`listen`")
            .hasMessageNotContaining("Failed to bind");
      }
      assertReleased(state);
    }
  }

  /** The gateway is opened after the front door has bound its port. */
  @Test
  void anUnusableEgressAuthorityFreesThePortOfTheFrontDoor() throws Exception {
    Path authority = new CertificateAuthority(folder).file();
    int port = freePort();
    HostConfig config = config(port, "egress: {trust: [ca.pem]}\n");
    Files.writeString(authority, "not a certificate any more\n");
    StateFolder state = new StateFolder(folder.resolve("state"));
    assertThatThrownBy(() -> Server.start(config, state, folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ca.pem");
    try (ServerSocket again = new ServerSocket()) {
      again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
    assertReleased(state);
  }

  private static void assertReleased(StateFolder state) {
    state.lock().close();
    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .doesNotContain("timers"));
  }

  private HostConfig config(int port, String more) {
    String text =
        """
        repo: {url: "%s"}
        listen: [{address: "127.0.0.1:%d"}]
        """
                .formatted(folder.resolve("config.git"), port)
            + more;
    HostConfigReader.HostConfigResult result =
        new HostConfigReader()
            .read("dropserver.yaml", text.getBytes(StandardCharsets.UTF_8), folder);
    assertThat(result.problems()).isEmpty();
    return result.config().orElseThrow();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}
