package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.Signals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** See the kernel's admin-guide/cgroup-v1. */
final class CgroupV1 implements Cgroup {
  private static final long PERIOD_MICROS = 100_000;

  /** The kernel refuses less. */
  private static final long MINIMUM_QUOTA_MICROS = 1_000;

  /** Half of what everything else has: the server's own writes come first. */
  private static final String IO_WEIGHT = "50";

  private final Map<String, Path> folders;

  CgroupV1(Map<String, Path> folders) {
    this.folders = folders;
  }

  void create(CgroupLimits limits) {
    folders.values().forEach(CgroupFiles::create);
    if (folders.containsKey("blkio")) {
      // Which of the two there is depends on the disk's scheduler; many have none.
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
    long quota = Math.max(MINIMUM_QUOTA_MICROS, limits.cpuMillis() * PERIOD_MICROS / 1000);
    CgroupFiles.write(file("cpu", "cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
    CgroupFiles.write(file("cpu", "cpu.cfs_quota_us"), Long.toString(quota));
  }

  /**
   * Memory must never exceed memory plus swap, so the order of the two depends on the direction.
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
  public long cpuNanos() {
    return folders.containsKey("cpuacct")
        ? CgroupFiles.number(file("cpuacct", "cpuacct.usage"))
        : 0;
  }

  @Override
  public CgroupUsage usage() {
    return new CgroupUsage(
        CgroupFiles.number(file("memory", "memory.usage_in_bytes")),
        CgroupFiles.number(file("memory", "memory.max_usage_in_bytes")),
        cpuNanos(),
        CgroupFiles.value(file("cpu", "cpu.stat"), "throttled_time"),
        (int) CgroupFiles.number(file("pids", "pids.current")),
        folders.containsKey("blkio")
            ? CgroupFiles.value(file("blkio", "blkio.throttle.io_service_bytes"), "Total")
            : 0);
  }

  @Override
  public long outOfMemoryKills() {
    return CgroupFiles.value(file("memory", "memory.oom_control"), "oom_kill");
  }

  @Override
  public long refusedForks() {
    return CgroupFiles.value(file("pids", "pids.events"), "max");
  }

  @Override
  public void freeze() {
    Path state = file("freezer", "freezer.state");
    // A fork can slip through while the freezer walks the group; writing again catches it.
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
   * v1 has no cgroup.kill. A fork bomb forks faster than one signals, so the group is frozen, every
   * process signalled, and thawed: the signals are delivered before anything runs.
   */
  @Override
  public void kill() {
    CgroupFiles.await("killing " + folder("pids"), this::killed);
  }

  private boolean killed() {
    if (folders.values().stream().allMatch(folder -> CgroupFiles.processes(folder).isEmpty())) {
      return true;
    }
    // Whoever else kills the group may remove it meanwhile.
    Path state = file("freezer", "freezer.state");
    CgroupFiles.writeIfPresent(state, "FROZEN");
    // A process that died while it entered may be in some hierarchies only.
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
          "CgroupFailed", "the controller " + controller + " is not mounted");
    }
    return folder;
  }
}
