package io.dropserver.sandbox.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStatusTest {
  @TempDir private Path folder;

  @Test
  void statusHasTypeSizeModeAndTimes() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "twelve bytes");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    FileStatus status = FileStatus.of(file);

    assertThat(status.type()).isEqualTo(FileStatus.Type.FILE);
    assertThat(status.size()).isEqualTo(12);
    assertThat(status.mode()).isEqualTo(0640);
    assertThat(status.links()).isEqualTo(1);
    assertThat(status.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    assertThat(status.modified())
        .isEqualTo(FileStatus.Time.of(Files.getLastModifiedTime(file).toInstant()));
  }

  @Test
  void aSymlinkIsNotFollowedAndAFifoIsNotOpened() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
    Path fifo = folder.resolve("fifo");
    SpecialFiles.makeFifo(fifo);

    assertThat(FileStatus.of(link).type()).isEqualTo(FileStatus.Type.SYMLINK);
    assertThat(FileStatus.of(fifo).type()).isEqualTo(FileStatus.Type.OTHER);
    assertThat(FileStatus.of(folder).type()).isEqualTo(FileStatus.Type.FOLDER);
    assertThatThrownBy(() -> SpecialFiles.makeFifo(fifo)).isInstanceOf(IOException.class);
  }

  @Test
  void holesOccupyNothing() throws IOException {
    Path file = folder.resolve("holes");
    try (RandomAccessFile holes = new RandomAccessFile(file.toFile(), "rw")) {
      holes.setLength(1 << 20);
    }
    FileStatus status = FileStatus.of(file);

    assertThat(status.isSparse()).isTrue();
    assertThat(status.allocatedBytes()).isLessThan(1 << 19);
    assertThat(FileSystemSpace.of(folder).bytes()).isPositive();
  }

  @Test
  void anAbsentFileIsAnError() {
    assertThatThrownBy(() -> FileStatus.of(folder.resolve("absent")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("absent");
  }
}
