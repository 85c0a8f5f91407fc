package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thread inherits the namespaces of its creator, and the thread that wakes a virtual thread may
 * create a carrier. A carrier in a sandbox's network namespace would connect to an app instead of a
 * service on the host's loopback address, and one in the view of the folders would not find the
 * host's files.
 */
@Timeout(60)
final class LauncherNamespacesTest {
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final String VIEW = "sandbox-folders";

  @TempDir private Path closed;

  @Test
  void noThreadOfTheServerEntersTheNamespacesOfSandboxes() throws Exception {
    assumeTrue(Files.getOwner(closed).getName().equals("root"), "only root enters namespaces");
    Path needed = Files.createDirectory(closed.resolve("needed"));
    SeccompFilter.writeTo(needed.resolve("seccomp.bpf"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    Set<Path> before = tasks();
    try (Launcher launcher =
        new Launcher(Programs.find(), needed.resolve("seccomp.bpf"), List.of(needed))) {
      launcher.awaitReachableFolders();
      startAndEndShells(launcher);
      Set<Path> since = tasks();
      since.removeAll(before);
      assertThat(names(since)).contains("sandbox-launche", VIEW);
      for (String kind : List.of("net", "mnt")) {
        Path server = Path.of("/proc/thread-self/ns").resolve(kind);
        assertThat(since)
            .filteredOn(task -> !(kind.equals("mnt") && name(task).equals(VIEW)))
            .allSatisfy(task -> assertThat(namespace(task, kind)).isIn("", link(server)));
      }
    }
  }

  @Test
  void aShellIsInTheNamespacesOfSandboxes() throws Exception {
    assumeTrue(Files.getOwner(closed).getName().equals("root"), "only root enters namespaces");
    Path needed = Files.createDirectory(closed.resolve("needed"));
    SeccompFilter.writeTo(needed.resolve("seccomp.bpf"));
    try (Launcher launcher =
            new Launcher(Programs.find(), needed.resolve("seccomp.bpf"), List.of(needed));
        PooledLauncher shell = launcher.prepare(Optional.empty())) {
      Path process = Path.of("/proc", Long.toString(shell.pid()));
      while (!name(process).equals("sh")) {
        Thread.sleep(5);
      }
      assertThat(namespace(process, "net")).isNotEqualTo(namespace(Path.of("/proc/self"), "net"));
      assertThat(namespace(process, "mnt")).isNotEqualTo(namespace(Path.of("/proc/self"), "mnt"));
    }
  }

  /** Many at once, so that their results and their ends wake virtual threads. */
  private static void startAndEndShells(Launcher launcher) throws Exception {
    try (ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> shells = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        shells.add(virtual.submit(() -> launcher.prepare(Optional.empty()).close()));
      }
      for (Future<?> shell : shells) {
        shell.get();
      }
    }
  }

  private static Set<Path> tasks() throws IOException {
    try (Stream<Path> tasks = Files.list(TASKS)) {
      return new HashSet<>(tasks.toList());
    }
  }

  private static List<String> names(Set<Path> tasks) {
    return tasks.stream().map(LauncherNamespacesTest::name).toList();
  }

  /** Returns the name that the kernel keeps, 15 characters at most; empty if the task has ended. */
  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException ended) {
      return "";
    }
  }

  private static String namespace(Path task, String kind) {
    try {
      return link(task.resolve("ns").resolve(kind));
    } catch (IOException ended) {
      return "";
    }
  }

  private static String link(Path file) throws IOException {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (NoSuchFileException ended) {
      return "";
    }
  }
}
