package io.dropserver.sandbox.isolation;

import java.nio.file.Path;
import java.util.List;

/**
 * The control group of one sandbox: it limits, measures, freezes and kills all its processes as
 * one. Safe for use by several threads.
 */
public interface Cgroup extends AutoCloseable {

  /** A process enters by writing its id into each of these, cgroups(7). */
  List<Path> entryFiles();

  /** Takes effect at once, on running processes too. */
  void limit(CgroupLimits limits);

  /** Removes the processor limit, for a start that has a budget of its own. */
  void unlimitCpu();

  /** Whether other groups run first whenever they can; nothing happens before Linux 5.15. */
  void yieldCpu(boolean yields);

  CgroupUsage usage();

  /** Processor time used; one part of {@link #usage}, for who asks often. */
  long cpuNanos();

  /** How often the kernel has killed a process of the group because memory ran out. */
  long outOfMemoryKills();

  /** How often a fork was refused by the limit of processes. */
  long refusedForks();

  /** Returns when no process of the group runs. */
  void freeze();

  void thaw();

  /** Host process ids, in no order. */
  List<Long> processes();

  /** Kills every process, a frozen one too, and those that are forked meanwhile; waits for them. */
  void kill();

  /** Kills what is left and removes the group. */
  @Override
  void close();
}
