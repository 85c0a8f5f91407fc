package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupNameTest {
  @TempDir Path folder;

  /** Servers in two containers have equal paths, but their volumes are different folders. */
  @Test
  void aFolderThatReplacesAnotherAtItsPathHasAnotherName() throws IOException {
    Path state = Files.createDirectory(folder.resolve("state"));
    String first = CgroupName.of(state.resolve("run"));
    Files.move(state, folder.resolve("elsewhere"));
    Files.createDirectory(state);

    assertThat(CgroupName.of(state.resolve("run"))).isNotEqualTo(first);
    assertThat(CgroupName.of(folder.resolve("elsewhere/run"))).isEqualTo(first);
  }

  @Test
  void theNameIsTheSameWhetherOrNotTheRunFolderExists() throws IOException {
    String absent = CgroupName.of(folder.resolve("run"));
    Files.createDirectory(folder.resolve("run"));

    assertThat(CgroupName.of(folder.resolve("x/../run")))
        .isEqualTo(absent)
        .startsWith("dropserver-");
  }
}
