package io.dropserver.reconciler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramsTest {
  @TempDir Path folder;

  @Test
  void aProgramIsFoundWithItsVersion() throws IOException {
    install("tool", "#!/bin/sh\necho 'tool 1.2.3 (c) somebody'\n");
    Check check = new Programs(folder.toString()).check("tool", "tool-package", true, "because");
    assertThat(check.present()).isTrue();
    assertThat(check.detail()).isEqualTo("1.2.3, " + folder.resolve("tool"));
    assertThat(check.remedy()).isEmpty();
  }

  @Test
  void aMissingProgramComesWithTheCommandThatBringsIt() {
    Check check =
        new Programs(folder.toString()).check("no-such-tool", "tool-package", true, "because");
    assertThat(check.present()).isFalse();
    assertThat(check.remedy()).isEqualTo("apt-get install tool-package");
  }

  @Test
  void aProgramThatSaysNothingUsefulIsStillFound() throws IOException {
    install("odd", "#!/bin/sh\nexit 3\n");
    assertThat(new Programs(folder.toString()).check("odd", "odd", true, "because").detail())
        .startsWith("unknown version");
  }

  private void install(String name, String script) throws IOException {
    Path program = folder.resolve(name);
    Files.writeString(program, script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
