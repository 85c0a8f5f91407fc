package io.dropserver.sandbox.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineMemoryTest {
  @TempDir private Path folder;

  @Test
  void memoryIsShortWhenLessThanATwentiethIsAvailable() throws IOException {
    assertThat(memory(50).isShort()).isFalse();
    assertThat(memory(49).isShort()).isTrue();
  }

  private MachineMemory memory(int available) throws IOException {
    return new MachineMemory(
        Files.writeString(
            folder.resolve("meminfo"),
            "MemTotal:        1000 kB\nMemFree:          1 kB\nMemAvailable:     "
                + available
                + " kB\n"));
  }
}
