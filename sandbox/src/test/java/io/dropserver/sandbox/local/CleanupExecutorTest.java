package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.sandbox.isolation.MountNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CleanupExecutorTest {
  /**
   * The launching thread, and threads that are notified by its processes, are in another mount
   * namespace.
   */
  @Test
  void theCleanupThreadHasTheMountsOfTheServerNotOfItsCaller() throws Exception {
    try (CleanupExecutor ends = new CleanupExecutor();
        ExecutorService launcher =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("launches").factory())) {
      assumeTrue(launcher.submit(MountNamespace::enterOwn).get(), "this user may not mount");
      assertThat(launcher.submit(CleanupExecutorTest::mounts).get()).isNotEqualTo(mounts());
      for (int round = 0; round < 3; round++) {
        assertThat(cleaner(ends, launcher)).isEqualTo(mounts());
      }
    }
  }

  @Test
  void whatEndsAfterTheHostIsCleanedUpAsWell() throws Exception {
    CleanupExecutor ends = new CleanupExecutor();
    ends.close();
    assertThat(cleaner(ends, Runnable::run)).isEqualTo(mounts());
  }

  private static Path cleaner(CleanupExecutor ends, Executor told) throws Exception {
    CompletableFuture<Path> found = new CompletableFuture<>();
    told.execute(() -> ends.execute(() -> found.complete(mounts())));
    return found.get(10, TimeUnit.SECONDS);
  }

  private static Path mounts() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/mnt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
