package io.dropserver.sandbox.storage;

import io.dropserver.base.concurrent.Threads;
import io.dropserver.sandbox.storage.MountedVolume.Use;
import io.dropserver.sandbox.storage.WriteWindows.Demand;
import io.dropserver.state.DiskSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prevents data loss from overcommitted disk space: volumes are sparse, and their sizes may add up
 * to more than the disk. The guard limits the allocations of all volumes together to the free disk
 * space minus a reserve. A write beyond a limit fails with ENOSPC before it is acknowledged. A
 * volume that grows faster than the measurements is frozen until the blocks of its deleted files
 * are returned to the disk.
 */
final class DiskGuard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskGuard.class);

  /** The interval of measurements with ample disk space, and with scarce disk space. */
  private static final Duration RELAXED_INTERVAL = Duration.ofSeconds(1);

  private static final Duration STRICT_INTERVAL = Duration.ofMillis(100);

  private static final long MEBIBYTE = 1L << 20;

  /**
   * The disk counts as full when the free space above the reserve is less than the reserve divided
   * by this constant.
   */
  private static final int FULL_SHARE = 8;

  /** A volume that gained this much between two measurements counts as being written. */
  private static final long WRITING = MEBIBYTE;

  /**
   * The amount of deleted data that triggers a trim with ample disk space, and with scarce disk
   * space.
   */
  private static final long MUCH_FREED = 64 * MEBIBYTE;

  private static final long LITTLE_FREED = MEBIBYTE;
  private static final long TRIM_APART = Duration.ofSeconds(1).toNanos();

  private final Path root;
  private final Supplier<Collection<MountedVolume>> volumes;
  private final Set<Path> failed = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile Storage.Writers writers = Storage.Writers.NONE;
  private volatile boolean full;
  private volatile boolean strict;
  private volatile boolean enforced = true;
  private boolean failing; // used only by the guard's thread
  private long lastTrim = System.nanoTime() - TRIM_APART; // used only by the guard's thread

  DiskGuard(Path root, Supplier<Collection<MountedVolume>> volumes) {
    this.root = root;
    this.volumes = volumes;
    this.thread = Thread.ofPlatform().daemon().name("disk-guard").start(this::run);
  }

  void setWriters(Storage.Writers receiver) {
    writers = receiver;
  }

  /** Returns whether the disk cannot back any more data. */
  boolean isFull() {
    return full;
  }

  /**
   * Measures and sets limits before a sandbox may write to a volume that was unused. Skips this
   * with ample disk space, unless the volume is fresh.
   *
   * @param fresh whether the volume has just been mounted, so that no limit applies to it yet
   */
  void measureBeforeWrites(boolean fresh) {
    if (!fresh && !strict) {
      return;
    }
    try {
      measure();
    } catch (RuntimeException e) {
      LOG.warn("the disk of {} is not measured: {}", root, e.toString());
    }
  }

  private record Round(DiskSpace disk, Map<MountedVolume, Use> uses) {
    long promised() {
      return uses.entrySet().stream()
          .mapToLong(each -> promised(each.getKey(), each.getValue()))
          .sum();
    }

    /**
     * Blocks for the file system's own tables are not needed while no sandbox writes to the volume.
     */
    private static long promised(MountedVolume volume, Use use) {
      return volume.isUsed() ? use.unbacked() : use.delayed();
    }

    long spare() {
      return disk.aboveReserve() - promised();
    }
  }

  /** Measures the disk and all volumes, and sets how much each volume may allocate. */
  private synchronized Round measure() {
    Map<MountedVolume, Use> uses = new LinkedHashMap<>();
    for (MountedVolume volume : volumes.get()) {
      try {
        volume.measure().ifPresent(use -> uses.put(volume, use));
      } catch (StorageException unreadable) {
        LOG.debug("{} is not measured: {}", volume.folder(), unreadable.getMessage());
      }
    }
    // Read last, so that concurrent writes are counted twice rather than not at all.
    Round round = new Round(DiskSpace.of(root), uses);
    List<Demand<MountedVolume>> demands = new ArrayList<>();
    uses.forEach(
        (volume, use) ->
            demands.add(
                new Demand<>(
                    volume, use.free(), volume.isUsed(), use.grown() + use.delayed() >= WRITING)));
    long spare = round.spare();
    Map<MountedVolume, Long> windows = WriteWindows.share(spare, demands);
    boolean all = true;
    for (Map.Entry<MountedVolume, Use> each : uses.entrySet()) {
      long window = windows.getOrDefault(each.getKey(), 0L);
      all &= each.getKey().allowAllocation(window, each.getValue().free());
    }
    enforced = all;
    full = spare < round.disk().reserve() / FULL_SHARE;
    strict = spare < WriteWindows.AMPLE;
    return round;
  }

  private void run() {
    try {
      while (Files.exists(root)) {
        Thread.sleep(strict ? STRICT_INTERVAL : RELAXED_INTERVAL);
        runOnce();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void runOnce() {
    try {
      Round round = measure();
      stopWriters(round);
      trim(round);
      watch(round);
      failing = false;
    } catch (RuntimeException e) {
      if (!failing) {
        LOG.warn("the disk of {} is temporarily not monitored: {}", root, e.toString());
      }
      failing = true;
    }
  }

  /**
   * Freezes growing volumes when half of the reserve is used up, until a trim has returned the
   * blocks of deleted files. An app that deletes and writes allocates new blocks before the trim.
   */
  private void stopWriters(Round round) {
    long floor = enforced ? round.disk().reserve() / 2 : round.disk().reserve();
    if (round.disk().free() - round.promised() >= floor) {
      return;
    }
    List<MountedVolume> growing =
        round.uses().entrySet().stream()
            .filter(each -> each.getKey().isUsed() && each.getValue().grown() >= WRITING)
            .map(Map.Entry::getKey)
            .toList();
    try {
      growing.forEach(volume -> writers.freeze(volume.folder()));
      growing.forEach(MountedVolume::trim);
      if (!growing.isEmpty()) {
        measure();
      }
    } finally {
      growing.forEach(volume -> writers.thaw(volume.folder()));
    }
  }

  private void trim(Round round) {
    if (System.nanoTime() - lastTrim < TRIM_APART) {
      return;
    }
    long worth = strict ? LITTLE_FREED : MUCH_FREED;
    round
        .uses()
        .forEach(
            (volume, use) -> {
              if (use.freed() >= worth) {
                volume.trim();
                lastTrim = System.nanoTime();
              }
            });
  }

  /**
   * Reports volumes that have become read-only, so that they are checked and mounted again once the
   * disk has room.
   */
  private void watch(Round round) {
    for (MountedVolume volume : round.uses().keySet()) {
      Path folder = volume.folder();
      if (volume.hasFailed()) {
        if (failed.add(folder)) {
          LOG.error("the volume at {} turned read-only after an I/O error", folder);
        }
        writers.failed(folder, round.disk().aboveReserve() > 0);
      } else {
        failed.remove(folder);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    Threads.join(thread);
  }
}
