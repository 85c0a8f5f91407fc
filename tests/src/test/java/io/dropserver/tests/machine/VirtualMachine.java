package io.dropserver.tests.machine;

import io.dropserver.tests.Checkout;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A small Debian with Debian's cloud kernel under QEMU, with this build's classes, tests and Deno.
 * It has every cgroup v2 controller, regardless of the host.
 */
final class VirtualMachine {
  private static final String CHECKOUT = "/opt/checkout";
  private static final String JAVA = "/opt/java";

  /** The largest parts of a JDK, which are not needed to run tests. */
  private static final Set<String> LEFT_OUT =
      Set.of("jmods", "src.zip", "ct.sym", "man", "include");

  private final Path overlay;
  private final List<String> classpath = new ArrayList<>();

  private VirtualMachine(Path overlay) {
    this.overlay = overlay;
  }

  /** Prepares the files that are added to the machine's Debian. */
  static VirtualMachine prepare(Path overlay) throws IOException {
    VirtualMachine machine = new VirtualMachine(overlay);
    machine.copy(Path.of(System.getProperty("java.home")), JAVA);
    Path root = Checkout.root();
    machine.copy(root.resolve("tools/node_modules/@deno"), CHECKOUT + "/tools/node_modules/@deno");
    machine.copy(root.resolve("sandbox/src/main/deno"), CHECKOUT + "/sandbox/src/main/deno");
    machine.addClasses(root.resolve("sandbox/target/test-classes"));
    Set<String> entries =
        new LinkedHashSet<>(
            List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)));
    for (String entry : entries) {
      machine.addClasses(Path.of(entry));
    }
    return machine;
  }

  /**
   * Boots and runs the test classes.
   *
   * @return the machine's output; the exit code is that of the tests
   */
  MachineResult runTests(Class<?>... tests) throws IOException, InterruptedException {
    return runTests(Stream.of(tests).map(Class::getName).toList());
  }

  MachineResult runTests(List<String> tests) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "execute",
            "--disable-banner",
            "--disable-ansi-colors",
            "--details=tree",
            "--fail-if-no-tests"));
    tests.forEach(test -> arguments.add("--select-class=" + test));
    return runProgram("org.junit.platform.console.ConsoleLauncher", arguments);
  }

  /** Boots and runs a Java program of this build. */
  MachineResult runProgram(String main, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> java = new ArrayList<>();
    java.addAll(
        List.of(
            JAVA + "/bin/java",
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            String.join(":", classpath),
            main));
    java.addAll(arguments);
    return run("cd " + CHECKOUT + "/sandbox && exec " + String.join(" ", java));
  }

  /** Adds folders of the checkout. */
  void addSources(String... folders) throws IOException {
    for (String folder : folders) {
      copy(Checkout.root().resolve(folder), CHECKOUT + "/" + folder);
    }
  }

  /** Boots and runs a shell command. */
  MachineResult run(String shell) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Checkout.root().resolve("tests/src/test/machines/virtual-machine").toString(),
                overlay.toString(),
                "bash",
                "-c",
                shell)
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new MachineResult(process.waitFor(), output);
  }

  record MachineResult(int status, String output) {}

  private void addClasses(Path entry) throws IOException {
    if (!Files.exists(entry)) {
      return;
    }
    String inside = "/opt/classes/" + classpath.size() + "-" + entry.getFileName();
    copy(entry, inside);
    classpath.add(inside);
  }

  /**
   * Creates hard links where the file system allows it. This is safe, because nothing changes the
   * files.
   */
  private void copy(Path from, String inside) throws IOException {
    Path to = overlay.resolve(inside.substring(1));
    List<Path> all;
    try (Stream<Path> files = Files.walk(from)) {
      all = files.toList();
    }
    for (Path file : all) {
      Path relative = from.relativize(file);
      if (relative.getNameCount() > 0
          && Stream.of(relative.toString().split("/", -1)).anyMatch(LEFT_OUT::contains)) {
        continue;
      }
      Path target = relative.toString().isEmpty() ? to : to.resolve(relative.toString());
      if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(target);
      } else {
        Path parent = target.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
