package io.dropserver.sandbox.isolation;

import io.dropserver.base.linux.Signals;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A cgroup v2 group. See the kernel's admin-guide/cgroup-v2. */
record CgroupV2(Path folder) implements Cgroup {
  private static final long PERIOD_MICROS = 100_000;
  private static final long MINIMUM_QUOTA_MICROS = 1_000;

  /** Creates the group. Removes it if a limit is refused, so that no empty group is left. */
  void create(CgroupLimits limits) {
    try {
      createLimited(limits);
    } catch (SandboxException refused) {
      close();
      throw refused;
    }
  }

  private void createLimited(CgroupLimits limits) {
    CgroupFiles.create(folder);
    // Kills the whole group when memory runs out, because an app with some of its processes killed
    // could return wrong responses.
    CgroupFiles.write(folder.resolve("memory.oom.group"), "1");
    // Half the kernel's default weight, so that the server's own writes take precedence.
    CgroupFiles.writeIfPresent(folder.resolve("io.weight"), "default 50");
    CgroupFiles.writeIfPresent(folder.resolve("memory.swap.max"), "0");
    limit(limits);
  }

  @Override
  public List<Path> entryFiles() {
    return List.of(folder.resolve("cgroup.procs"));
  }

  @Override
  public void limit(CgroupLimits limits) {
    CgroupFiles.write(folder.resolve("memory.max"), Long.toString(limits.memoryBytes()));
    CgroupFiles.write(folder.resolve("pids.max"), Integer.toString(limits.processes()));
    long quota = Math.max(MINIMUM_QUOTA_MICROS, limits.cpuMillis() * PERIOD_MICROS / 1000);
    CgroupFiles.write(folder.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
  }

  @Override
  public void unlimitCpu() {
    CgroupFiles.write(folder.resolve("cpu.max"), "max " + PERIOD_MICROS);
  }

  @Override
  public void yieldCpu(boolean yields) {
    CgroupFiles.writeIfPresent(folder.resolve("cpu.idle"), yields ? "1" : "0");
  }

  @Override
  public void lowerCpuWeight(boolean lowered) {
    CgroupFiles.writeIfPresent(folder.resolve("cpu.weight"), lowered ? "10" : "100");
  }

  @Override
  public long cpuNanos() {
    return CgroupFiles.value(folder.resolve("cpu.stat"), "usage_usec") * 1000;
  }

  @Override
  public Sandbox.Usage usage() {
    long usedBytes = CgroupFiles.number(folder.resolve("memory.current"));
    Path peak = folder.resolve("memory.peak");
    return new Sandbox.Usage(
        usedBytes,
        Files.exists(peak) ? CgroupFiles.number(peak) : usedBytes,
        cpuNanos(),
        CgroupFiles.value(folder.resolve("cpu.stat"), "throttled_usec") * 1000,
        (int) CgroupFiles.number(folder.resolve("pids.current")),
        ioBytes(),
        CgroupFiles.value(folder.resolve("pids.events"), "max"));
  }

  /**
   * Returns the bytes read from and written to all disks. Each line of the file describes one disk:
   * {@code 8:0 rbytes=1 wbytes=2 rios=…}.
   */
  private long ioBytes() {
    Path file = folder.resolve("io.stat");
    if (!Files.exists(file)) {
      return 0;
    }
    return Arrays.stream(CgroupFiles.read(file).split("\\s+"))
        .filter(word -> word.startsWith("rbytes=") || word.startsWith("wbytes="))
        .mapToLong(word -> Long.parseLong(word.substring("rbytes=".length())))
        .sum();
  }

  @Override
  public long outOfMemoryKills() {
    return CgroupFiles.value(folder.resolve("memory.events"), "oom_kill");
  }

  @Override
  public void freeze() {
    CgroupFiles.write(folder.resolve("cgroup.freeze"), "1");
    CgroupFiles.await(
        "freezing " + folder,
        () -> CgroupFiles.value(folder.resolve("cgroup.events"), "frozen") == 1);
  }

  @Override
  public void thaw() {
    CgroupFiles.write(folder.resolve("cgroup.freeze"), "0");
  }

  @Override
  public List<Long> processes() {
    return CgroupFiles.processes(folder);
  }

  @Override
  public void kill() {
    Path kill = folder.resolve("cgroup.kill");
    CgroupFiles.await(
        "killing " + folder,
        () -> {
          if (processes().isEmpty()) {
            return true;
          }
          if (Files.exists(kill)) {
            // Another thread that kills the group may remove it meanwhile.
            CgroupFiles.writeIfPresent(kill, "1");
          } else {
            // before Linux 5.14
            processes().forEach(Signals::kill);
          }
          return false;
        });
  }

  @Override
  public void close() {
    if (!Files.exists(folder)) {
      return;
    }
    kill();
    CgroupFiles.remove(folder);
  }
}
