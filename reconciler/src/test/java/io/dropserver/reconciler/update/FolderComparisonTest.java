package io.dropserver.reconciler.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderComparisonTest {
  @TempDir private Path temporary;

  private Path folder(String name) throws IOException {
    return Files.createDirectory(temporary.resolve(name));
  }

  @Test
  void addedChangedAndRemovedFilesAreCounted() throws IOException {
    Path before = folder("before");
    Path after = folder("after");
    Files.writeString(before.resolve("same"), "1");
    Files.writeString(after.resolve("same"), "1");
    Files.writeString(before.resolve("changed"), "1");
    Files.writeString(after.resolve("changed"), "2");
    Files.writeString(before.resolve("removed"), "1");
    Files.writeString(after.resolve("added"), "1");
    assertThat(FolderComparison.of(before, after))
        .hasToString("1 file added, 1 changed, 1 removed");
  }

  /** Otherwise a package could hide a change behind many files. */
  @Test
  void aComparisonOfAPartSaysSo() throws IOException {
    Path after = folder("after");
    for (int i = 0; i <= FolderComparison.MAX_FILES; i++) {
      Files.createFile(after.resolve("f" + i));
    }
    assertThat(FolderComparison.of(folder("before"), after).toString())
        .endsWith("it has more than 20000 files, so this is only a part");
  }
}
