package io.dropserver.state;

import io.dropserver.base.concurrent.PeriodicTask;
import io.dropserver.base.concurrent.Timers;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.state.condition.ServerConditions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets {@code DiskLow} while the disk is full or almost full. Refills the database's ballast while
 * there is room, and releases it when the disk is full. Thread-safe.
 */
public final class DiskSpaceMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskSpaceMonitor.class);
  private static final Duration EVERY = Duration.ofSeconds(3);
  private static final long MEBIBYTE = 1 << 20;

  private final Path folder;
  private final Ballast ballast;
  private final BooleanSupplier full;
  private final ServerConditions server;
  private final PeriodicTask checks;

  /**
   * @param full whether the disk cannot store any more data of volumes
   */
  public DiskSpaceMonitor(
      StateFolder state, BooleanSupplier full, ServerConditions server, Timers timers) {
    this.folder = state.root();
    this.ballast = Ballast.inFolderOf(state.database());
    this.full = full;
    this.server = server;
    this.checks = new PeriodicTask(timers, EVERY, this::check);
  }

  public DiskSpaceMonitor start() {
    check();
    checks.start();
    return this;
  }

  private void check() {
    try {
      ballast.fill();
      ballast.releaseIfDiskFull();
      DiskSpace disk = DiskSpace.of(folder);
      if (full.getAsBoolean() || disk.aboveReserve() < 0) {
        report(
            InstanceReason.DISK_FULL, disk.remedy() + ". Until then apps cannot store more data");
      } else if (disk.isLow()) {
        report(
            InstanceReason.ALMOST_FULL,
            "the disk of %s has %d MiB left of %d MiB; free some space, lower limits.storage, or move the backups (backup.repository)"
                .formatted(folder, disk.free() / MEBIBYTE, disk.total() / MEBIBYTE));
      } else {
        server.clear(ConditionType.DISK_LOW);
      }
    } catch (StateException | IOException e) {
      LOG.warn("the disk of {}: {}", folder, e.getMessage());
    }
  }

  /**
   * Sets {@code DiskLow}, unless it already has this reason. The message keeps its first figures,
   * because they change constantly.
   */
  private void report(InstanceReason reason, String message) {
    boolean known =
        server
            .find(ConditionType.DISK_LOW)
            .filter(condition -> condition.hasReason(reason))
            .isPresent();
    if (!known) {
      server.set(ConditionType.DISK_LOW, reason, message);
    }
  }

  @Override
  public void close() {
    checks.close();
  }
}
