package io.dropserver.base.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFileTest {
  @TempDir private Path folder;

  @Test
  void thePathRefersToTheOpenedFileAfterItsReplacement() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "first");
    try (NativeFile opened = NativeFile.open(file, OpenFlags.O_PATH)) {
      Files.delete(file);
      Files.writeString(file, "second");

      assertThat(opened.path()).hasContent("first");
    }
  }

  @Test
  void noFollowRefusesASymlink() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder);

    assertThatThrownBy(() -> NativeFile.open(link, OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW))
        .isInstanceOf(IOException.class);
    NativeFile.open(link, OpenFlags.O_DIRECTORY).close();
  }

  @Test
  void anOpenFailureReportsThePathAndErrno() {
    assertThatThrownBy(() -> NativeFile.open(folder.resolve("absent"), OpenFlags.O_RDONLY))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot open " + folder.resolve("absent") + ": errno " + Errno.ENOENT);
  }

  @Test
  void aFileSystemIsSynced() throws IOException {
    assertThat(FileSystemSync.available()).isTrue();
    FileSystemSync.sync(folder);

    assertThatThrownBy(() -> FileSystemSync.sync(folder.resolve("absent")))
        .isInstanceOf(IOException.class);
  }
}
