package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals of a service manager to the server. */
class SignalTest {
  private static final String CONFIG = "sandbox: {allowWeaker: [uid, cgroup, storage]}\n";
  private static final Duration RESTART = Duration.ofSeconds(30);

  /** Has started its response before the signal arrives, and finishes it some time later. */
  private static final String SLOW =
      """
      export default {
        fetch: () =>
          new Response(
            new ReadableStream({
              async start(to) {
                to.enqueue(new TextEncoder().encode("begun "));
                await new Promise((later) => setTimeout(later, 1500));
                to.enqueue(new TextEncoder().encode("ended"));
                to.close();
              },
            }),
          ),
      };
      """;

  @TempDir Path folder;
  private Path config;

  @BeforeEach
  void configure() throws IOException {
    config = Files.writeString(folder.resolve("dropserver.yaml"), CONFIG);
  }

  @Test
  void anUnusableConfigurationKeepsThePreviousOneInService() throws Exception {
    try (LiveInstance instance = serving()) {
      int port;
      try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = taken.getLocalPort();
        Files.writeString(config, CONFIG + "admin: {address: \"127.0.0.1:%d\"}\n".formatted(port));
        hangUp(instance);
        await()
            .atMost(RESTART)
            .until(() -> instance.log().contains("continuing with the previous one"));
        awaitServed(instance);
      }
      hangUp(instance);
      await().atMost(RESTART).until(() -> listens(port));
      awaitServed(instance);
    }
  }

  @Test
  void aConfigurationWithAMistakeRestartsNothing() throws Exception {
    try (LiveInstance instance = serving()) {
      Files.writeString(config, CONFIG + "admni: {}\n");
      hangUp(instance);
      await().atMost(RESTART).until(() -> instance.log().contains("dropserver.yaml:2:1"));
      assertThat(instance.get("one", "/").body()).isEqualTo("version 1.0.0");
      assertThat(instance.log()).doesNotContain("stopping");
    }
  }

  @Test
  void aRequestThatHasBegunIsAnsweredWhole() throws Exception {
    try (LiveInstance instance = LiveInstance.tiny(folder, "--config", config.toString())) {
      instance
          .repository()
          .write("apps/one/main.ts", SLOW)
          .write("appspaces/one.yaml", MinimalInstance.appspace("one", "1.0.0", false, 128))
          .push("A slow app");
      instance.start();
      assertThat(instance.sync().served()).isTrue();
      try (Socket client = request(instance)) {
        String head = new String(client.getInputStream().readNBytes(16), StandardCharsets.US_ASCII);
        assertThat(head).startsWith("HTTP/1.1 200");
        instance.server().stop();
        assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
            .contains("begun ")
            .contains("ended");
      }
      // The log line of the last request is written before the process ends.
      assertThat(instance.log()).contains("\"message\":\"request\"");
    }
  }

  private LiveInstance serving() throws Exception {
    return LiveInstance.serving(folder, "--config", config.toString());
  }

  private static Socket request(LiveInstance instance) throws IOException {
    int port = URI.create(instance.server().shellUrl()).getPort();
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    client
        .getOutputStream()
        .write(
            ("GET / HTTP/1.1\r\nHost: one."
                    + MinimalInstance.DOMAIN
                    + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return client;
  }

  private static void awaitServed(LiveInstance instance) {
    await()
        .atMost(RESTART)
        .ignoreExceptions()
        .until(() -> instance.get("one", "/").body().equals("version 1.0.0"));
  }

  private static void hangUp(LiveInstance instance) throws Exception {
    String pid = String.valueOf(instance.server().pid());
    assertThat(new ProcessBuilder("kill", "-HUP", pid).start().waitFor()).isZero();
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }
}
