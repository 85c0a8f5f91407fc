package io.dropserver.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstalledProgramsTest {
  @TempDir Path folder;

  @Test
  void aProgramIsFoundWithItsVersion() throws IOException {
    install("tool", "#!/bin/sh\necho 'tool 1.2.3 (c) somebody'\n");
    DoctorCheck doctorCheck =
        new InstalledPrograms(folder.toString()).check("tool", "tool-package", true, "because");
    assertThat(doctorCheck.present()).isTrue();
    assertThat(doctorCheck.detail()).isEqualTo("1.2.3, " + folder.resolve("tool"));
    assertThat(doctorCheck.remedy()).isEmpty();
  }

  @Test
  void aMissingProgramIsReportedWithItsInstallCommand() {
    DoctorCheck doctorCheck =
        new InstalledPrograms(folder.toString())
            .check("no-such-tool", "tool-package", true, "because");
    assertThat(doctorCheck.present()).isFalse();
    assertThat(doctorCheck.remedy()).isEqualTo("apt-get install tool-package");
  }

  @Test
  void aProgramWithoutVersionOutputIsStillFound() throws IOException {
    install("odd", "#!/bin/sh\nexit 3\n");
    assertThat(
            new InstalledPrograms(folder.toString()).check("odd", "odd", true, "because").detail())
        .startsWith("unknown version");
  }

  private void install(String name, String script) throws IOException {
    Path program = folder.resolve(name);
    Files.writeString(program, script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
