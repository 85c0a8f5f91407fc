package io.dropserver.tests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The isolation tests of the sandbox module again, on real cgroup v2: this machine may only have
 * v1, and most machines of our users have v2.
 */
@Tag("machine")
final class CgroupV2Test {
  @TempDir Path overlay;

  @BeforeAll
  static void needsQemu() {
    boolean there =
        Stream.of("/usr/bin/qemu-system-x86_64", "/usr/sbin/debootstrap")
            .allMatch(p -> Files.isExecutable(Path.of(p)));
    Assumptions.assumeTrue(
        there && System.getProperty("user.name").equals("root"),
        "no QEMU, no debootstrap, or not root");
  }

  @Test
  void whatHoldsOnThisMachineHoldsOnCgroupV2() throws IOException, InterruptedException {
    VirtualMachine machine = VirtualMachine.prepare(overlay);

    VirtualMachine.Finished finished = machine.runTests(isolationTests());

    assertThat(finished.status()).describedAs(finished.output()).isZero();
    assertThat(finished.output())
        .contains("tests successful")
        .doesNotContain("cgroup v2 is missing");
  }

  private static List<String> isolationTests() throws IOException {
    Path classes = Checkout.root().resolve("sandbox/target/test-classes");
    try (Stream<Path> files = Files.list(classes.resolve("io/dropserver/sandbox/isolation"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("Test.class"))
          .map(
              name ->
                  "io.dropserver.sandbox.isolation."
                      + name.substring(0, name.length() - ".class".length()))
          .sorted()
          .toList();
    }
  }
}
