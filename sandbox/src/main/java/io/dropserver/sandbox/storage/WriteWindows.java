package io.dropserver.sandbox.storage;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Divides the free blocks of the disk among growing volumes: how much each may allocate until the
 * next measurement. With less than {@link #AMPLE} free space, the windows of all used volumes
 * together never exceed the free space, whatever the write rate.
 */
final class WriteWindows {
  /** The amount of free space that writers cannot use up between two measurements. */
  static final long AMPLE = 4L << 30;

  private WriteWindows() {}

  /**
   * @param free how much the volume could still allocate according to its own size
   * @param used whether a sandbox may write to it
   * @param writing whether it has grown recently
   */
  record Demand<K>(K volume, long free, boolean used, boolean writing) {}

  /**
   * Returns how many bytes each volume may allocate until the next measurement.
   *
   * @param spare disk space in bytes that is neither promised nor reserved
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

  /**
   * Divides half of the space equally, and the other half among active writers, so that a fast
   * writer is not refused.
   */
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
