package io.dropserver.sandbox.storage;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares the free blocks of the disk among volumes that may grow: how much each may allocate until
 * the next measurement. While the disk is short of space the windows together are no more than it
 * has, however fast the volumes are written.
 */
final class WriteWindows {
  /**
   * With this much left, no two measurements are so far apart that several writers could use it up.
   */
  static final long AMPLE = 4L << 30;

  private WriteWindows() {}

  /**
   * @param free what the volume could still allocate by its own size
   * @param used whether a sandbox may write to it
   * @param writing whether it has grown lately
   */
  record Demand<K>(K volume, long free, boolean used, boolean writing) {}

  /**
   * @param spare blocks of the disk, in bytes, that are neither promised nor reserved
   */
  static <K> Map<K, Long> share(long spare, List<Demand<K>> demands) {
    long wanted = demands.stream().filter(Demand::used).mapToLong(Demand::free).sum();
    long left = Math.max(0, spare);
    long users = Math.max(1, demands.stream().filter(Demand::used).count());
    long writers = demands.stream().filter(Demand::used).filter(Demand::writing).count();
    Map<K, Long> windows = new LinkedHashMap<>();
    for (Demand<K> demand : demands) {
      windows.put(
          demand.volume(),
          left >= wanted
              ? demand.free()
              : Math.min(demand.free(), of(demand, left, users, writers)));
    }
    return windows;
  }

  /** Half for all alike, and half for those that write, so that a fast writer is not refused. */
  private static long of(Demand<?> demand, long left, long users, long writers) {
    if (left >= AMPLE) {
      return left / 2;
    }
    if (!demand.used()) {
      return 0;
    }
    if (writers == 0) {
      return left / users;
    }
    return left / 2 / users + (demand.writing() ? left / 2 / writers : 0);
  }
}
