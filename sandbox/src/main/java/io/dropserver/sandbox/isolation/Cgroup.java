package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.Sandbox;
import java.nio.file.Path;
import java.util.List;

/**
 * The cgroup of one sandbox. It limits, measures, freezes and kills all processes of the sandbox
 * together. Thread-safe.
 */
public interface Cgroup extends AutoCloseable {

  /** Returns the files into which a process writes its id to enter the group, see cgroups(7). */
  List<Path> entryFiles();

  /** Replaces the limits, effective immediately for running processes. */
  void limit(CgroupLimits limits);

  /** Removes the CPU limit, for the start of a sandbox. */
  void unlimitCpu();

  /** Sets whether other groups take precedence for the CPU. Has no effect before Linux 5.15. */
  void yieldCpu(boolean yields);

  /**
   * Sets whether the group gets a tenth of the usual weight when other groups need the CPU too. Do
   * not call it while the group yields, see {@link #yieldCpu}. Has no effect on a removed group.
   */
  void lowerCpuWeight(boolean lowered);

  /** Returns the resources that the group uses now or has used since its creation. */
  Sandbox.Usage usage();

  /**
   * Returns the CPU time used since the creation. The same value as in {@link #usage}, but cheaper
   * to poll.
   */
  long cpuNanos();

  /** Returns how often the kernel has killed a process of the group for lack of memory. */
  long outOfMemoryKills();

  /** Blocks until all processes of the group are frozen. */
  void freeze();

  void thaw();

  /** Returns the host process ids of the group, in no particular order. */
  List<Long> processes();

  /**
   * Kills all processes, including frozen ones and those forked meanwhile, and waits for their end.
   */
  void kill();

  /** Kills the remaining processes and removes the group. */
  @Override
  void close();
}
