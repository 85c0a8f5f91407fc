package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.process.Program;
import io.dropserver.sandbox.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaitingSupportTest {
  private static final Set<String> LAYERS = Set.of("uid", "cgroup");

  @TempDir private Path folder;

  @Test
  void aMachineOfOneGibibyteLetsNoneWait() {
    assertThat(problem(768L << 20, LAYERS, folder))
        .hasValueSatisfying(
            it -> {
              assertThat(it.detail()).contains("768 MiB", "128 MiB");
              assertThat(it.remedy()).contains("sandbox.maxMemory", "1024 MiB");
            });
  }

  @Test
  void missingLayersLetNoneWait() {
    for (Set<String> layers : Set.of(Set.of("uid"), Set.of("cgroup", "storage"))) {
      assertThat(problem(8L << 30, layers, folder))
          .hasValueSatisfying(it -> assertThat(it.detail()).contains("uid and cgroup"));
    }
  }

  @Test
  void aFileSystemThatCannotShowAnotherOwnerMattersWithoutVolumesOnly() throws IOException {
    Assumptions.assumeTrue(
        Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")));
    Path ramfs = Files.createDirectory(folder.resolve("ramfs"));
    assertThat(Program.of("mount", "-t", "ramfs", "ramfs", ramfs.toString()).run().succeeded())
        .isTrue();
    try {
      assertThat(problem(8L << 30, LAYERS, ramfs))
          .hasValueSatisfying(
              it -> assertThat(it.detail()).contains("the file system of " + ramfs));
      assertThat(problem(8L << 30, Set.of("uid", "cgroup", "storage"), ramfs)).isEmpty();
    } finally {
      Mounts.detach(ramfs);
    }
  }

  private static Optional<WaitingSupport.Problem> problem(
      long memoryBytes, Set<String> layers, Path folder) {
    return WaitingSupport.problem(
        new LifecycleSettings(4, memoryBytes, Duration.ZERO, Duration.ZERO, 4, Optional.empty()),
        layers,
        folder);
  }
}
