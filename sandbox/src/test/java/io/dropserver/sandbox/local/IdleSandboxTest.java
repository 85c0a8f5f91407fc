package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.deno.DenoLayer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sandbox dies with the thread that launched it. When a virtual thread launched it, it died when
 * the carrier thread ended, which happens after 30 s without work.
 */
class IdleSandboxTest {
  @TempDir private Path folder;

  @Test
  void aSandboxOutlivesTheThreadThatStartedIt() throws Exception {
    idle(Duration.ofSeconds(3));
  }

  @Test
  @Tag("long")
  void aSandboxThatIdlesForAMinuteIsStillAlive() throws Exception {
    idle(Duration.ofSeconds(60));
  }

  private void idle(Duration time) throws Exception {
    try (TestHost test = new TestHost(folder, DenoLayer.ON)) {
      CompletableFuture<Sandbox> started = new CompletableFuture<>();
      Thread asking =
          Thread.ofPlatform()
              .start(() -> started.complete(test.host.start(test.spec(answering("'alive'")))));
      asking.join();
      Sandbox sandbox = started.get();
      await()
          .pollInterval(Duration.ofSeconds(1))
          .during(time)
          .atMost(time.plusSeconds(20))
          .until(() -> !sandbox.exit().toCompletableFuture().isDone());
      assertThat(get(sandbox)).isEqualTo("alive");
    }
  }
}
