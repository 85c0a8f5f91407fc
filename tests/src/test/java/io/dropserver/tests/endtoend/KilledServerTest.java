package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A killed server is restarted and cleans up all leftovers of the previous process. */
class KilledServerTest {
  @TempDir private Path folder;

  @Test
  void aServerKilledAndStartedAgainLeavesNoOrphan() throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    CommandLineProgram init = CommandLineProgram.run("init", folder.resolve("initial").toString());
    assertThat(init.exitCode()).as(init.err()).isZero();
    try (LiveInstance instance = LiveInstance.create(folder)) {
      instance.repository().copyFrom(folder.resolve("initial")).push("Begin");
      instance.start();
      assertThat(instance.sync().served()).isTrue();
      assertThat(instance.get("hello", "/").body()).contains("Visit 1.");
      Set<Long> before = processes(instance.state());
      Set<Path> groups = groupsOf(before);
      assertThat(before).as("a sandbox runs and spare shells wait").isNotEmpty();

      instance.server().kill();
      await("processes end with their server")
          .atMost(Duration.ofSeconds(10))
          .until(() -> processes(instance.state()).isEmpty());

      instance.start();
      assertThat(instance.get("hello", "/").body()).contains("Visit 2.");
      assertThat(images(instance.state())).as("loop devices").doesNotHaveDuplicates();
      instance.server().stop();

      assertThat(processes(instance.state())).as("processes").isEmpty();
      assertThat(mounts(instance.state())).as("mounts").isEmpty();
      assertThat(images(instance.state())).as("loop devices").isEmpty();
      assertThat(groups).as("cgroups").noneMatch(Files::exists);
      assertThat(sockets(instance.state())).as("sockets").isEmpty();
    }
  }

  /**
   * Returns processes with the state folder in their command line: sandboxes, through their bind
   * mounts, and idle launchers.
   */
  private static Set<Long> processes(Path state) throws IOException {
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      return all.filter(process -> !isServer(process))
          .map(ProcessHandle::pid)
          .filter(pid -> read(Path.of("/proc/" + pid + "/cmdline")).contains(state.toString()))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static boolean isServer(ProcessHandle process) {
    return process.info().command().filter(command -> command.endsWith("java")).isPresent();
  }

  private static List<String> mounts(Path state) {
    return read(Path.of("/proc/self/mountinfo"))
        .lines()
        .filter(line -> line.contains(state.toString()))
        .toList();
  }

  /** Returns the files below the state folder that loop devices use, once per device. */
  private static List<String> images(Path state) throws IOException {
    List<String> found = new ArrayList<>();
    try (var devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
      for (Path device : devices) {
        String image = read(device.resolve("loop").resolve("backing_file")).strip();
        if (image.contains(state.toString())) {
          found.add(image);
        }
      }
    }
    return found;
  }

  /** Returns the server's cgroups of these processes, which are named {@code dropserver-…}. */
  private static Set<Path> groupsOf(Set<Long> processes) throws IOException {
    Set<Path> found = new TreeSet<>();
    for (long pid : processes) {
      for (String line : read(Path.of("/proc/" + pid + "/cgroup")).lines().toList()) {
        String[] parts = line.split(":", 3);
        Path group = Path.of(parts[2]);
        if (group.toString().contains("/dropserver-")) {
          String hierarchy = parts[1].isEmpty() ? "unified" : parts[1];
          found.add(Path.of("/sys/fs/cgroup", hierarchy, group.toString()));
          found.add(Path.of("/sys/fs/cgroup", group.toString()));
        }
      }
    }
    return found;
  }

  private static List<Path> sockets(Path state) throws IOException {
    try (Stream<Path> files = Files.walk(state)) {
      return files.filter(path -> isSocket(path)).toList();
    }
  }

  private static boolean isSocket(Path path) {
    return Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
  }

  /** Returns an empty string if the file is gone. */
  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException gone) {
      return "";
    }
  }
}
