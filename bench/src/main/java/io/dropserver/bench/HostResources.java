package io.dropserver.bench;

import io.dropserver.sandbox.local.CgroupName;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Counts the resources of the machine that one server uses.
 *
 * @param processes live processes that the server started
 * @param cgroups its cgroup and those below it
 * @param mounts below its state folder, in all mount namespaces of its threads
 * @param loops loop devices of files below its state folder
 */
record HostResources(
    long processes, long cgroups, long mounts, long loops, long descriptors, long threads) {

  /**
   * The tolerated increase of threads and descriptors, because the JVM itself opens and closes
   * some.
   */
  private static final long SLACK = 30;

  /**
   * @param server its process id; 0 if it has ended
   */
  static HostResources of(long server, Path state) throws IOException {
    Path process = Path.of("/proc", Long.toString(server));
    boolean lives = server != 0 && Files.exists(process);
    return new HostResources(
        lives
            ? ProcessHandle.of(server).map(handle -> handle.descendants().count()).orElse(0L)
            : orphans(state),
        cgroups(state),
        mounts(lives ? process : Path.of("/proc/self"), state),
        loops(state),
        lives ? entries(process.resolve("fd")) : 0,
        lives ? entries(process.resolve("task")) : 0);
  }

  /**
   * Polls until no count exceeds the one in {@code rest}, or until the timeout, and returns the
   * last counts.
   */
  static HostResources awaitIdle(long server, Path state, HostResources rest, Duration timeout)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    HostResources current = of(server, state);
    while (current.increaseSince(rest) > 0 && System.nanoTime() < end) {
      Thread.sleep(Duration.ofMillis(500));
      current = of(server, state);
    }
    return current;
  }

  long total() {
    return processes + cgroups + mounts + loops;
  }

  long increaseSince(HostResources before) {
    return increase(processes, before.processes)
        + increase(cgroups, before.cgroups)
        + increase(mounts, before.mounts)
        + increase(loops, before.loops)
        + increase(descriptors, before.descriptors + SLACK)
        + increase(threads, before.threads + SLACK);
  }

  private static long increase(long now, long before) {
    return Math.max(0, now - before);
  }

  private static long orphans(Path state) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(state.toString()))
        .count();
  }

  /** Counts the server's cgroup and its children. */
  private static long cgroups(Path state) throws IOException {
    String name = CgroupName.of(new StateFolder(state).run());
    long count = 0;
    try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
      for (Path hierarchy : hierarchies.toList()) {
        count += folders(hierarchy.resolve(name));
      }
    }
    return count + folders(Path.of("/sys/fs/cgroup", name));
  }

  private static long folders(Path group) throws IOException {
    if (!Files.isDirectory(group)) {
      return 0;
    }
    try (Stream<Path> below = Files.list(group)) {
      return 1 + below.filter(Files::isDirectory).count();
    }
  }

  /**
   * Counts the mounts in the mount namespaces of all threads, because some threads of the server
   * have their own ({@code MountNamespace}).
   */
  private static long mounts(Path process, Path state) throws IOException {
    Map<String, Long> byNamespace = new HashMap<>();
    try (Stream<Path> threads = Files.list(process.resolve("task"))) {
      for (Path thread : threads.toList()) {
        try {
          String namespace = Files.readSymbolicLink(thread.resolve("ns/mnt")).toString();
          if (!byNamespace.containsKey(namespace)) {
            byNamespace.put(namespace, lines(thread.resolve("mountinfo"), state));
          }
        } catch (IOException ended) {
          // The thread has ended and has no mounts.
        }
      }
    }
    return byNamespace.values().stream().mapToLong(Long::longValue).sum();
  }

  private static long lines(Path table, Path state) throws IOException {
    return Files.readAllLines(table).stream()
        .filter(line -> line.contains(" " + state + "/"))
        .count();
  }

  private static long loops(Path state) throws IOException {
    long count = 0;
    try (Stream<Path> devices = Files.list(Path.of("/sys/block"))) {
      for (Path device : devices.toList()) {
        Path backing = device.resolve("loop/backing_file");
        if (Files.exists(backing) && Files.readString(backing).startsWith(state.toString())) {
          count++;
        }
      }
    }
    return count;
  }

  private static long entries(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.count();
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d processes, %d cgroups, %d mounts, %d loop devices, %d descriptors, %d threads",
        processes,
        cgroups,
        mounts,
        loops,
        descriptors,
        threads);
  }
}
