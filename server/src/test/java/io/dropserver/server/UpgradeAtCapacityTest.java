package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upgrade that found no place is not the fault of the new version. */
class UpgradeAtCapacityTest {
  @TempDir private Path folder;
  private final FakeSource source = new FakeSource();
  private final TestServer.Store store = new TestServer.Store(source);
  private final SampleRepo repo = new SampleRepo();
  private final AtomicInteger attempts = new AtomicInteger();
  private final AtomicReference<Optional<SandboxReason>> failure =
      new AtomicReference<>(Optional.empty());
  private TestServer server;

  @BeforeEach
  void serveOneAppspace() throws Exception {
    server = new TestServer(folder, source, store);
    server.start();
    push("1.0.0");
    server.sandboxes.edge =
        spec -> {
          attempts.incrementAndGet();
          failure
              .get()
              .ifPresent(
                  reason -> {
                    throw new SandboxException(reason, "a reason");
                  });
        };
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void push(String version) {
    repo.app("hello", version, version).appspaceOf("garden", "hello", version, "alice");
    source.push(repo.files());
    server.sync();
  }

  @Test
  void itIsRepeatedAndNotRolledBack() {
    failure.set(Optional.of(SandboxReason.AT_CAPACITY));
    push("2.0.0");
    assertThat(server.status("garden").reason()).isEqualTo("AtCapacity");
    failure.set(Optional.empty());
    await().atMost(Duration.ofMinutes(2)).until(() -> server.status("garden").ready());
    assertThat(attempts).as("by itself").hasValue(2);
    assertThat(server.condition("garden", "Stalled")).isEmpty();
  }

  @Test
  void anUpgradeToAVersionThatDoesNotAnswerIsRolledBackAndNotRepeated() {
    failure.set(Optional.of(SandboxReason.HEALTH_CHECK_FAILED));
    push("2.0.0");
    assertThat(server.status("garden").reason()).isEqualTo("HealthCheckFailed");
    server.sync();
    assertThat(attempts).hasValue(1);
  }
}
