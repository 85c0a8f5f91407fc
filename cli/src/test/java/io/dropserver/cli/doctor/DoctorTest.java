package io.dropserver.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.dropserver.cli.FakeServer;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.state.DiskSpace;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  @TempDir Path folder;

  /** A trial in this shell could find other layers than those of the service. */
  @Test
  void theLayersOfARunningServerAreReported() throws IOException {
    FakeServer server = new FakeServer();
    Doctor doctor =
        new Doctor(
            SandboxSettings.DEFAULT,
            folder,
            new StateFolder(folder),
            new ServerConnection(server, server, server, server, server.secrets, server.updates));
    assertThat(doctor.layers())
        .extracting(DoctorCheck::name, DoctorCheck::present)
        .containsExactly(tuple("server", true), tuple("layer cgroup", false));
    assertThat(doctor.layers().getFirst().detail()).contains(folder.toString());
  }

  @Test
  void whetherSandboxesWaitIsReported() {
    DoctorCheck waiting =
        WaitingCheck.of(
            SandboxSettings.DEFAULT,
            folder,
            folder,
            List.of(DoctorCheck.present("layer uid", true, "root", "")));
    assertThat(waiting.present()).isFalse();
    assertThat(waiting.required()).isFalse();
    assertThat(waiting.detail() + waiting.remedy()).containsAnyOf("cgroup", "maxMemory");
  }

  @Test
  void theFreeDiskIsReportedAsTheServerReportsIt() {
    long gibibyte = 1L << 30;
    assertThat(Doctor.freeDisk(new DiskSpace(folder, 100 * gibibyte, 50 * gibibyte)).present())
        .isTrue();
    DoctorCheck low = Doctor.freeDisk(new DiskSpace(folder, 100 * gibibyte, 3 * gibibyte / 2));
    assertThat(low.present()).isFalse();
    assertThat(low.required()).isFalse();
    assertThat(low.remedy()).contains("dropserver usage", folder.toString());
    DoctorCheck full = Doctor.freeDisk(new DiskSpace(folder, 100 * gibibyte, gibibyte / 2));
    assertThat(full.required()).isTrue();
    assertThat(full.remedy()).contains("is full", "free at least");
  }
}
