package io.dropserver.sandbox.isolation;

import io.dropserver.base.linux.Signals;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A cgroup v1 group. See the kernel's admin-guide/cgroup-v1. */
record CgroupV1(Map<String, Path> folders) implements Cgroup {
  private static final long PERIOD_MICROS = 100_000;

  /** The kernel refuses smaller quotas. */
  private static final long MINIMUM_QUOTA_MICROS = 1_000;

  /**
   * The I/O weight of a sandbox. It is lower than the kernel's default, so that the server's own
   * writes take precedence.
   */
  private static final String IO_WEIGHT = "50";

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
    folders.values().forEach(CgroupFiles::create);
    if (folders.containsKey("blkio")) {
      // Which of these files exists depends on the disk's scheduler. With many schedulers, neither
      // does.
      CgroupFiles.writeIfPresent(file("blkio", "blkio.bfq.weight"), IO_WEIGHT);
      CgroupFiles.writeIfPresent(file("blkio", "blkio.weight"), IO_WEIGHT);
    }
    limit(limits);
  }

  @Override
  public List<Path> entryFiles() {
    return folders.values().stream().map(folder -> folder.resolve("cgroup.procs")).toList();
  }

  @Override
  public void limit(CgroupLimits limits) {
    limitMemory(limits.memoryBytes());
    CgroupFiles.write(file("pids", "pids.max"), Integer.toString(limits.processes()));
    long quota = Math.min(limits.cpuMillis() * PERIOD_MICROS / 1000, quotaOfParents());
    CgroupFiles.write(file("cpu", "cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
    CgroupFiles.write(
        file("cpu", "cpu.cfs_quota_us"), Long.toString(Math.max(MINIMUM_QUOTA_MICROS, quota)));
  }

  /**
   * Returns the smallest quota of the groups above, for {@link #PERIOD_MICROS}. The kernel refuses
   * a larger one with EINVAL. A container's group has a quota if the container has a CPU limit; the
   * root of the hierarchy has no such file.
   */
  private long quotaOfParents() {
    long smallest = Long.MAX_VALUE;
    Path group = folder("cpu").getParent();
    while (group != null && Files.exists(group.resolve("cpu.cfs_quota_us"))) {
      long quota = CgroupFiles.number(group.resolve("cpu.cfs_quota_us"));
      if (quota > 0) {
        long period = CgroupFiles.number(group.resolve("cpu.cfs_period_us"));
        smallest = Math.min(smallest, quota * PERIOD_MICROS / period);
      }
      group = group.getParent();
    }
    return smallest;
  }

  /**
   * Sets the limits for memory and for memory plus swap. The first must never exceed the second, so
   * the order of the writes depends on the direction of the change.
   */
  private void limitMemory(long bytes) {
    Path memory = file("memory", "memory.limit_in_bytes");
    Path withSwap = file("memory", "memory.memsw.limit_in_bytes");
    boolean swapAccounted = Files.exists(withSwap);
    boolean grows = bytes > CgroupFiles.number(memory);
    if (grows && swapAccounted) {
      CgroupFiles.write(withSwap, Long.toString(bytes));
    }
    CgroupFiles.write(memory, Long.toString(bytes));
    if (!grows && swapAccounted) {
      CgroupFiles.write(withSwap, Long.toString(bytes));
    }
  }

  @Override
  public void unlimitCpu() {
    CgroupFiles.write(file("cpu", "cpu.cfs_quota_us"), "-1");
  }

  @Override
  public void yieldCpu(boolean yields) {
    CgroupFiles.writeIfPresent(file("cpu", "cpu.idle"), yields ? "1" : "0");
  }

  @Override
  public void lowerCpuWeight(boolean lowered) {
    CgroupFiles.writeIfPresent(file("cpu", "cpu.shares"), lowered ? "102" : "1024");
  }

  @Override
  public long cpuNanos() {
    return folders.containsKey("cpuacct")
        ? CgroupFiles.number(file("cpuacct", "cpuacct.usage"))
        : 0;
  }

  @Override
  public Sandbox.Usage usage() {
    return new Sandbox.Usage(
        CgroupFiles.number(file("memory", "memory.usage_in_bytes")),
        CgroupFiles.number(file("memory", "memory.max_usage_in_bytes")),
        cpuNanos(),
        CgroupFiles.value(file("cpu", "cpu.stat"), "throttled_time"),
        (int) CgroupFiles.number(file("pids", "pids.current")),
        folders.containsKey("blkio")
            ? CgroupFiles.value(file("blkio", "blkio.throttle.io_service_bytes"), "Total")
            : 0,
        CgroupFiles.value(file("pids", "pids.events"), "max"));
  }

  @Override
  public long outOfMemoryKills() {
    return CgroupFiles.value(file("memory", "memory.oom_control"), "oom_kill");
  }

  @Override
  public void freeze() {
    Path state = file("freezer", "freezer.state");
    // A process can fork while the freezer walks the group. Writing again catches the new process.
    CgroupFiles.await(
        "freezing " + state.getParent(),
        () -> {
          CgroupFiles.write(state, "FROZEN");
          return CgroupFiles.read(state).equals("FROZEN");
        });
  }

  @Override
  public void thaw() {
    CgroupFiles.write(file("freezer", "freezer.state"), "THAWED");
  }

  @Override
  public List<Long> processes() {
    return CgroupFiles.processes(folder("pids"));
  }

  /**
   * Kills all processes and waits for their end. v1 has no cgroup.kill, and a fork bomb forks
   * faster than its processes can be signalled. So the group is frozen, every process is signalled,
   * and the group is thawed. The signals are delivered before any process runs.
   */
  @Override
  public void kill() {
    CgroupFiles.await("killing " + folder("pids"), this::killed);
  }

  private boolean killed() {
    if (folders.values().stream().allMatch(folder -> CgroupFiles.processes(folder).isEmpty())) {
      return true;
    }
    // Another thread that kills the group may remove it meanwhile.
    Path state = file("freezer", "freezer.state");
    CgroupFiles.writeIfPresent(state, "FROZEN");
    // A process that died while it entered the group may be in some of the hierarchies only.
    folders.values().stream()
        .flatMap(folder -> CgroupFiles.processes(folder).stream())
        .distinct()
        .forEach(Signals::kill);
    CgroupFiles.writeIfPresent(state, "THAWED");
    return false;
  }

  @Override
  public void close() {
    kill();
    folders.values().forEach(CgroupFiles::remove);
  }

  private Path file(String controller, String name) {
    return folder(controller).resolve(name);
  }

  private Path folder(String controller) {
    Path folder = folders.get(controller);
    if (folder == null) {
      throw new SandboxException(
          SandboxReason.CGROUP_FAILED, "the controller " + controller + " is not mounted");
    }
    return folder;
  }
}
