package io.dropserver.tests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Repeats the isolation tests of the sandbox module on real cgroup v2, which most users' machines
 * have. This machine may have only v1.
 */
@Tag("machine")
final class CgroupV2Test {
  private static final String LOCAL = "io.dropserver.sandbox.local.";

  @TempDir Path overlay;

  @BeforeAll
  static void needsQemu() {
    boolean there =
        Stream.of("/usr/bin/qemu-system-x86_64", "/usr/sbin/debootstrap", "/usr/bin/busybox")
            .allMatch(p -> Files.isExecutable(Path.of(p)));
    Assumptions.assumeTrue(
        there && System.getProperty("user.name").equals("root"),
        "no QEMU, debootstrap or busybox, or not root");
  }

  @Test
  void isolationTestsPassOnCgroupV2() throws IOException, InterruptedException {
    List<String> tests = new ArrayList<>(testsOf("isolation"));
    for (String name :
        List.of(
            "LocalSandboxHostTest",
            "HostileAppTest",
            "SystemCallTest",
            "NoSwapTest",
            "KilledServerTest")) {
      tests.add(LOCAL + name);
    }
    String output = passes(tests);
    assertThat(output).contains("DelegatedCgroupTest");
  }

  @Test
  @Tag("long")
  void waitingSandboxesAndJumpsOfTheDateWorkOnCgroupV2() throws IOException, InterruptedException {
    passes(
        List.of(
            LOCAL + "WaitingSandboxTest",
            LOCAL + "WaitingIsolationTest",
            LOCAL + "WaitingEqualityTest",
            LOCAL + "DateJumpTest"));
  }

  @Test
  @Tag("long")
  void volumesWorkOnDebiansKernel() throws IOException, InterruptedException {
    passes(testsOf("storage"));
  }

  /** Runs the tests in a virtual machine, and returns its output. */
  private String passes(List<String> tests) throws IOException, InterruptedException {
    VirtualMachine.MachineResult result = VirtualMachine.prepare(overlay).runTests(tests);
    System.out.println(result.output());
    assertThat(result.status()).describedAs(result.output()).isZero();
    assertThat(result.output()).contains(" 0 tests skipped ", " 0 tests failed ");
    return result.output();
  }

  /** Returns the test classes of a package of the sandbox module. */
  private static List<String> testsOf(String part) throws IOException {
    Path classes = Checkout.root().resolve("sandbox/target/test-classes/io/dropserver/sandbox");
    try (Stream<Path> files = Files.list(classes.resolve(part))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("Test.class"))
          .map(name -> "io.dropserver.sandbox." + part + "." + name.replace(".class", ""))
          .sorted()
          .toList();
    }
  }
}
