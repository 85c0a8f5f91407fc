package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.GvisorAssumption;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An appspace with gVisor isolation is served like any other. */
class GvisorEndToEndTest {
  @TempDir Path folder;

  @Test
  void anAppspaceBehindGvisorAnswersThroughTheFrontDoor() throws Exception {
    GvisorAssumption.require();
    try (LiveInstance instance = LiveInstance.tiny(folder)) {
      instance
          .repository()
          .write(
              "apps/one/main.ts",
              """
              export default { fetch(request: Request): Response {
                if (request.headers.get("upgrade") !== "websocket") {
                  return new Response("served");
                }
                const { socket, response } = Deno.upgradeWebSocket(request);
                socket.onmessage = (event) => socket.send("echo " + event.data);
                return response;
              } };
              """)
          .write(
              "appspace.yaml",
              MinimalInstance.appspace("guarded", "1.0.0", false, 256) + "  isolation: gvisor\n")
          .push("An appspace behind a second kernel");
      instance.start();
      assertThat(instance.sync().served()).as(instance.log()).isTrue();
      assertThat(instance.get("guarded", "/").body()).as(instance.log()).isEqualTo("served");
      assertThat(echo(instance)).isEqualTo("echo hello");
      List<Long> kernels = SandboxProcesses.gvisorKernels(instance.state());
      assertThat(kernels).hasSize(1);
      assertThat(Files.readString(Path.of("/proc", kernels.getFirst() + "/uid_map")).strip())
          .as("one user of the host's, who is not root")
          .matches("0 +[1-9][0-9]* +1");
      instance.server().kill();
      await("gVisor dies with the server")
          .atMost(Duration.ofSeconds(20))
          .until(() -> SandboxProcesses.gvisorKernels(instance.state()).isEmpty());
      instance.start();
      assertThat(instance.get("guarded", "/").body()).as(instance.log()).isEqualTo("served");
    }
  }

  private static String echo(LiveInstance instance) throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public @Nullable CompletionStage<?> onText(
              WebSocket socket, CharSequence text, boolean last) {
            heard.complete(text.toString());
            return null;
          }
        };
    WebSocket socket = instance.webSocket("guarded", "/", listener).get(60, TimeUnit.SECONDS);
    var _ = socket.sendText("hello", true);
    String response = heard.get(60, TimeUnit.SECONDS);
    socket.abort();
    return response;
  }
}
