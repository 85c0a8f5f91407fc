package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.Repeated;
import io.dropserver.reconciler.converge.Timers;
import io.dropserver.reconciler.status.Reasons;
import io.dropserver.reconciler.status.ServerState;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says when the disk of the state folder runs full, before apps and backups fail for it. Looks once
 * a minute. Thread-safe.
 */
final class DiskWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final long MEBIBYTE = 1 << 20;
  private static final long LEAST_LOW = 256 * MEBIBYTE;
  private static final long MOST_LOW = 2048 * MEBIBYTE;
  private static final int PERCENT_LOW = 5;

  private final Path folder;
  private final ServerState server;
  private final Repeated looks;

  DiskWatch(Path folder, ServerState server, Timers timers) {
    this.folder = folder;
    this.server = server;
    this.looks = new Repeated(timers, EVERY, this::look);
  }

  DiskWatch start() {
    look();
    looks.start();
    return this;
  }

  private void look() {
    try {
      FileStore disk = Files.getFileStore(folder);
      say(disk.getUsableSpace(), disk.getTotalSpace());
    } catch (IOException e) {
      LOG.warn("the free space of {} cannot be read: {}", folder, e.getMessage());
    }
  }

  private void say(long free, long total) {
    if (!isLow(free, total)) {
      server.clear(Reasons.DISK_LOW);
    } else if (server.conditions().find(Reasons.DISK_LOW).isEmpty()) {
      server.set(
          Reasons.DISK_LOW,
          true,
          Reasons.ALMOST_FULL,
          "the disk of "
              + folder
              + " has "
              + free / MEBIBYTE
              + " MiB left of "
              + total / MEBIBYTE
              + " MiB; free some, lower limits.storage, or move the backups (backup.repository)",
          "");
    }
  }

  /** Less than a twentieth of it, but never more than 2 GiB, nor less than 256 MiB. */
  static boolean isLow(long free, long total) {
    return free < Math.clamp(total / 100 * PERCENT_LOW, LEAST_LOW, MOST_LOW);
  }

  @Override
  public void close() {
    looks.close();
  }
}
