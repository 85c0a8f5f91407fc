package io.dropserver.base.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FileDescriptorLimitTest {
  /** proc_pid_limits(5): name, soft limit, hard limit, unit. */
  @Test
  void theLimitIsTheSoftOneOfThisProcess() throws IOException {
    String row =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(line -> line.startsWith("Max open files"))
            .findFirst()
            .orElseThrow();
    assertThat(row.split(" {2,}", -1)[1]).isEqualTo(String.valueOf(FileDescriptorLimit.limit()));
  }
}
