package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SandboxFoldersTest {
  private static final int FILES = 200;

  @TempDir Path folder;

  @RepeatedTest(20)
  void whatSomebodyElseRemovesMeanwhileKeepsNothingFromBeingDeleted() throws Exception {
    Path both = Files.createDirectories(folder.resolve("run"));
    for (int i = 0; i < FILES; i++) {
      Files.writeString(Files.createDirectories(both.resolve("s" + i)).resolve("state"), "x");
    }
    Thread other = Thread.ofPlatform().start(() -> removeBackwards(both));
    assertThatCode(() -> SandboxFolders.delete(both)).doesNotThrowAnyException();
    other.join();
    assertThat(both).doesNotExist();
  }

  @Test
  void whatIsNotThereIsDeleted() {
    assertThatCode(() -> SandboxFolders.delete(folder.resolve("none"))).doesNotThrowAnyException();
  }

  private static void removeBackwards(Path folder) {
    try {
      for (int i = FILES - 1; i >= 0; i--) {
        Files.deleteIfExists(folder.resolve("s" + i).resolve("state"));
        Files.deleteIfExists(folder.resolve("s" + i));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
