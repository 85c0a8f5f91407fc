package io.dropserver.sandbox.linux;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountsTest {
  private static final int ROUNDS = 5_000;

  @TempDir private Path parent;

  /** A sandbox that ends deletes its folder while the next server unmounts it. */
  @Test
  void aFolderThatIsDeletedMeanwhileIsNoError() {
    Path folder = parent.resolve("s1");
    AtomicBoolean ended = new AtomicBoolean();
    CompletableFuture<Void> deleting =
        CompletableFuture.runAsync(
            () -> {
              while (!ended.get()) {
                createAndDelete(folder);
              }
            });
    try {
      assertThatCode(
              () -> {
                for (int round = 0; round < ROUNDS; round++) {
                  Mounts.detach(folder);
                }
              })
          .doesNotThrowAnyException();
    } finally {
      ended.set(true);
      deleting.join();
    }
  }

  private static void createAndDelete(Path folder) {
    try {
      Files.createDirectory(folder);
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
