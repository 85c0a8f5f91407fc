package io.dropserver.tests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proves that the hostile test suite can fail: without protections, its attacks succeed. */
final class HostileControlsTest {
  private static final List<String> FEW =
      List.of(
          "files/host-file",
          "files/neighbour-diary",
          "kernel/core-pattern",
          "network/abstract-socket",
          "network/loopback-tcp",
          "processes/signal-host",
          "resources/array-buffers");

  @TempDir Path overlay;

  @BeforeAll
  static void needsQemu() {
    CgroupV2Test.needsQemu();
  }

  @Test
  @Tag("machine")
  void theMinimalSetSucceedsWithoutAnyLayer() throws IOException, InterruptedException {
    run(FEW);
  }

  /** {@code -Dattacks=GROUP/NAME,…} selects attacks. */
  @Test
  @Tag("hostile")
  @Tag("long")
  void everyAttackSucceedsWithoutAnyLayer() throws IOException, InterruptedException {
    String only = System.getProperty("attacks", "");
    run(only.isEmpty() ? List.of() : List.of(only.split(",", -1)));
  }

  private void run(List<String> attacks) throws IOException, InterruptedException {
    VirtualMachine machine = VirtualMachine.prepare(overlay);
    machine.addSources("tests/src/test/hostile", "tests/src/test/controls");
    VirtualMachine.MachineResult machineResult =
        machine.runProgram("io.dropserver.tests.hostile.HostileControls", attacks);
    System.out.println(machineResult.output());
    assertThat(machineResult.status()).describedAs(machineResult.output()).isZero();
  }
}
