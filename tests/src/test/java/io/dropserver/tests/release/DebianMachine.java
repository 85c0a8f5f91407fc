package io.dropserver.tests.release;

import static org.awaitility.Awaitility.await;

import io.dropserver.tests.release.Programs.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Debian or Ubuntu with systemd, apt and a network of its own that has a loopback interface only.
 * It runs in namespaces of this machine, on its kernel.
 */
final class DebianMachine implements AutoCloseable {
  private static final Duration STARTED = Duration.ofMinutes(3);
  private static final int LEFT_OVER_SECONDS = 60;

  private final Path root;
  private final Process process;
  private final String init;

  private DebianMachine(Path root, Process process, String init) {
    this.root = root;
    this.process = process;
    this.init = init;
  }

  /**
   * Unpacks and boots the machine.
   *
   * @param folder receives the root
   * @param packages further packages, whose services do not start
   */
  static DebianMachine start(Path folder, Distribution distribution, String... packages)
      throws IOException, InterruptedException {
    Path root = Files.createDirectory(folder.resolve("root"));
    distribution.unpack(root, packages);
    // debootstrap writes no such file, which an installed Debian has.
    Files.writeString(root.resolve("etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n");
    // The machine is a base of other tests too, and its packages enable their services.
    for (String service : List.of("ssh", "caddy", "nginx", "knot")) {
      Programs.run(
          root, "rm", "-f", "etc/systemd/system/multi-user.target.wants/" + service + ".service");
    }
    Path pid = folder.resolve("pid");
    Process process =
        new ProcessBuilder(
                Distribution.MACHINES.resolve("systemd-root").toString(),
                root.toString(),
                pid.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("machine.log").toFile())
            .start();
    try {
      await("the machine has a first process")
          .atMost(STARTED)
          .until(() -> !process.isAlive() || (Files.exists(pid) && Files.size(pid) > 0));
      DebianMachine machine = new DebianMachine(root, process, Files.readString(pid).strip());
      await("systemd has started all services")
          .atMost(STARTED)
          .until(
              () -> machine.attempt("systemctl", "is-system-running").output().contains("running"));
      return machine;
    } catch (IOException | RuntimeException e) {
      process.destroy();
      throw e;
    }
  }

  Path root() {
    return root;
  }

  /** Runs a command in the machine, which must succeed. */
  String run(String... command) throws IOException, InterruptedException {
    return Programs.run(root, inside(command)).output();
  }

  Run attempt(String... command) throws IOException, InterruptedException {
    return Programs.attempt(root, inside(command));
  }

  private List<String> inside(String... command) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "nsenter",
                "--target",
                init,
                "--mount",
                "--pid",
                "--cgroup",
                "--net",
                "env",
                "-i",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "DEBIAN_FRONTEND=noninteractive",
                "LC_ALL=C"));
    all.addAll(List.of(command));
    return all;
  }

  /** Starts a program of this machine's host in the network of the machine. */
  ProcessBuilder onNetwork(String... command) {
    List<String> all = new ArrayList<>(List.of("nsenter", "--target", init, "--net"));
    all.addAll(List.of(command));
    return new ProcessBuilder(all);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(LEFT_OVER_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the machine " + root + " did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
