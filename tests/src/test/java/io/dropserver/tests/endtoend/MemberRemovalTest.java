package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A push removes a member from an appspace while the member uses it. */
class MemberRemovalTest {
  /** The promise is one second. A busy machine gets more time. */
  private static final Duration AT_ONCE = Duration.ofSeconds(10);

  @TempDir Path folder;

  /** Records when an open connection ended, in nanoseconds of the process's clock. */
  private static final class End implements WebSocket.Listener {
    private final CompletableFuture<Long> at = new CompletableFuture<>();

    private void now() {
      at.complete(System.nanoTime());
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      now();
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      now();
    }

    private boolean came() {
      return at.isDone();
    }
  }

  /** Reads a stream until it ends, normally or not. */
  private static End watch(InputStream stream) throws IOException {
    assertThat(stream.read()).isNotNegative();
    End end = new End();
    Thread.ofVirtual()
        .start(
            () -> {
              try (stream) {
                while (stream.read() >= 0) {
                  // Keep reading.
                }
              } catch (IOException e) {
                // An aborted stream has ended, too.
              }
              end.now();
            });
    return end;
  }

  private static End socket(MemberClient client) throws Exception {
    End end = new End();
    client.webSocket("/socket", end).get(LiveInstance.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    return end;
  }

  @Test
  void aMemberRemovedByAPushLosesOpenConnectionsAtOnce() throws Exception {
    try (LiveInstance instance = MembersApp.create(folder)) {
      instance.start();
      await()
          .atMost(LiveInstance.TIMEOUT)
          .untilAsserted(() -> assertThat(instance.status().ready()).as(instance.log()).isTrue());
      try (MemberClient bob = MemberClient.enter(instance, "bob", "notes");
          MemberClient alice = MemberClient.enter(instance, "alice", "notes")) {
        assertThat(bob.get("/").body()).contains("Seen: Bob");
        End socket = socket(bob);
        End stream = watch(bob.stream("/events"));
        End alicesSocket = socket(alice);
        End alicesStream = watch(alice.stream("/events"));

        instance
            .repository()
            .write("appspaces/notes.yaml", MembersApp.appspace("members: []"))
            .push("Remove Bob");
        assertThat(socket.came() || stream.came()).isFalse();
        long begin = System.nanoTime();
        assertThat(instance.sync().served()).isTrue();
        long served = System.nanoTime();
        assertThat(bob.get("/").statusCode()).isEqualTo(404);

        long last =
            Math.max(
                socket.at.get(AT_ONCE.toSeconds(), TimeUnit.SECONDS),
                stream.at.get(AT_ONCE.toSeconds(), TimeUnit.SECONDS));
        assertThat(alice.get("/").body()).contains("Seen: Ålice");
        assertThat(alicesSocket.came() || alicesStream.came()).isFalse();
        System.out.printf(
            "a removed member was out %d ms after the sync began, which took %d ms%n",
            TimeUnit.NANOSECONDS.toMillis(last - begin),
            TimeUnit.NANOSECONDS.toMillis(served - begin));
        assertThat(Duration.ofNanos(last - served)).isLessThan(AT_ONCE);
      }
    }
  }
}
