package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose listening socket another process holds, as systemd does. Needs root. */
@Tag("slow")
class SocketActivationTest {
  private static final String CONFIG = "sandbox: {allowWeaker: [uid, cgroup, storage]}\n";
  private static final int CLIENT_TIMEOUT_MILLIS = 120_000;

  /** Fewer than the requests that one client may have in flight. */
  private static final int MAX_CLIENTS = 50;

  private static final Executor CLIENTS = task -> Thread.ofVirtual().start(task);

  /** Listens at a port, writes the number of the descriptor, and keeps it until its input ends. */
  private static final String HOLD =
      """
      use Socket;
      socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!;
      bind($s, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die $!;
      listen($s, 512) or die $!;
      $| = 1;
      print fileno($s), "\\n";
      <STDIN>;
      """;

  /**
   * Takes a descriptor of another process as standard input, by pidfd_open(2) and pidfd_getfd(2),
   * and executes the rest of its arguments.
   */
  private static final String TAKE =
      """
      use POSIX;
      my $process = syscall(434, 0 + shift @ARGV, 0);
      my $descriptor = syscall(438, $process, 0 + shift @ARGV, 0);
      die "the socket cannot be taken: $!" if $descriptor < 0;
      POSIX::dup2($descriptor, 0);
      exec @ARGV;
      """;

  /** Begins its response at once and finishes it some time later. */
  private static final String SLOW =
      """
      export default {
        fetch: (request) =>
          new URL(request.url).pathname !== "/slow" ? new Response("ended") : new Response(
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

  @Test
  void aRestartRefusesNoConnectionAndFinishesWhatHasBegun() throws Exception {
    Path config = Files.writeString(folder.resolve("dropserver.yaml"), CONFIG);
    try (LiveInstance instance = LiveInstance.tiny(folder, "--config", config.toString())) {
      instance
          .repository()
          .write("apps/one/main.ts", SLOW)
          .write("appspaces/one.yaml", MinimalInstance.appspace("one", "1.0.0", false, 128))
          .push("A slow app");
      Process holder =
          new ProcessBuilder("perl", "-e", HOLD, String.valueOf(instance.port())).start();
      try (BufferedReader output = holder.inputReader(StandardCharsets.US_ASCII)) {
        List<String> prefix =
            List.of("perl", "-e", TAKE, String.valueOf(holder.pid()), output.readLine());
        instance.start(prefix);
        assertThat(instance.sync().served()).isTrue();
        restartUnderLoad(instance, prefix);
      } finally {
        holder.destroy();
        holder.waitFor();
      }
    }
  }

  private static void restartUnderLoad(LiveInstance instance, List<String> prefix)
      throws Exception {
    assertThat(response(instance, "/")).endsWith("ended");
    List<CompletableFuture<String>> responses = new ArrayList<>();
    try (Socket begun = request(instance, "/slow")) {
      byte[] head = begun.getInputStream().readNBytes(16);
      assertThat(new String(head, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200");
      CompletableFuture<Void> restarted =
          CompletableFuture.runAsync(() -> restart(instance, prefix), CLIENTS);
      while (!restarted.isDone()) {
        if (responses.size() < MAX_CLIENTS) {
          responses.add(CompletableFuture.supplyAsync(() -> response(instance, "/"), CLIENTS));
        }
        Thread.sleep(Duration.ofMillis(100)); // the rate of the load
      }
      restarted.join();
      assertThat(new String(begun.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains("begun ")
          .contains("ended");
    }
    for (CompletableFuture<String> response : responses) {
      assertThat(response.get(CLIENT_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS))
          .startsWith("HTTP/1.1 200")
          .endsWith("ended");
    }
    // Standard error is still connected after the first server has closed its front door.
    assertThat(instance.log().split("\"message\":\"stopping\"", -1)).hasSize(2);
    System.out.printf("%d clients connected during the restart%n", responses.size());
  }

  private static void restart(LiveInstance instance, List<String> prefix) {
    try {
      instance.server().stop();
      instance.start(prefix);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String response(LiveInstance instance, String path) {
    try (Socket client = request(instance, path)) {
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static Socket request(LiveInstance instance, String path) throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), instance.port());
    client.setSoTimeout(CLIENT_TIMEOUT_MILLIS);
    String head =
        "GET %s HTTP/1.1\r\nHost: one.%s\r\nConnection: close\r\n\r\n"
            .formatted(path, MinimalInstance.DOMAIN);
    client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return client;
  }
}
