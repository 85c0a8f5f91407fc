package io.dropserver.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostTracesTest {
  private static final int UID = 243_917;

  @TempDir private Path data;

  @BeforeEach
  void belongsToTheAppspace() throws IOException {
    Assumptions.assumeTrue(
        System.getProperty("user.name").equals("root"), "files of other users need root");
    Files.setAttribute(data, "unix:uid", UID);
  }

  @Test
  void filesOfTheSandboxUserAreNotReported() throws IOException {
    Path file = Files.writeString(data.resolve("suid"), "#!/bin/sh\n");
    Files.setAttribute(file, "unix:uid", UID);
    assertThat(HostTraces.of(data, UID, UID)).isEmpty();
  }

  @Test
  void filesOfRootAreReported() throws IOException {
    Files.writeString(data.resolve("suid"), "#!/bin/sh\n");
    assertThat(HostTraces.of(data, UID, UID)).singleElement().asString().contains("of user 0");
  }

  @Test
  void devicesAreReported() throws IOException, InterruptedException {
    Path device = data.resolve("null");
    run("mknod", device.toString(), "c", "1", "3");
    Files.setAttribute(device, "unix:uid", UID);
    assertThat(HostTraces.of(data, UID, UID)).singleElement().asString().contains("a device");
  }

  @Test
  void processesWithRaisedPriorityAreReported() throws IOException {
    Process process =
        new ProcessBuilder(
                "nice", "-n", "-5", "setpriv", "--reuid=" + UID, "--clear-groups", "sleep", "60")
            .start();
    try {
      assertThat(process.isAlive()).isTrue();
      org.awaitility.Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(HostTraces.of(data, UID, UID))
                      .singleElement()
                      .asString()
                      .contains("nice -5"));
    } finally {
      process.destroyForcibly().onExit().join(); // the next test must not see it
    }
  }

  @Test
  void manyThreadsAreReported() throws IOException {
    Process process =
        new ProcessBuilder(
                "setpriv",
                "--reuid=" + UID,
                "--clear-groups",
                "bash",
                "-c",
                "for i in $(seq " + HostTraces.MOST_THREADS + "); do sleep 60 & done; wait")
            .start();
    try {
      org.awaitility.Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(HostTraces.of(data, UID, UID))
                      .singleElement()
                      .asString()
                      .contains("threads on the host"));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().onExit().join();
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
