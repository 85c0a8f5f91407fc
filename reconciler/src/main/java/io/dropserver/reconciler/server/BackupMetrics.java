package io.dropserver.reconciler.server;

import io.dropserver.reconciler.backup.BackupStatusStore;
import io.dropserver.reconciler.backup.BackupStatusStore.BackupStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;

/** Metrics of backups, computed at each scrape. */
final class BackupMetrics {
  private BackupMetrics() {}

  static void bindTo(MeterRegistry registry, BackupStatusStore book) {
    Gauge.builder("dropserver.backups.failing", book, BackupMetrics::failing)
        .description("Appspaces whose last backup failed")
        .register(registry);
    Gauge.builder("dropserver.backup.oldest.seconds", book, BackupMetrics::oldest)
        .description("Age of the newest good backup of the appspace that waits for one longest")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("dropserver.backup.frozen.seconds", book, BackupMetrics::frozen)
        .description("The longest that an appspace stood still for its last backup")
        .baseUnit("seconds")
        .register(registry);
  }

  private static double failing(BackupStatusStore book) {
    return book.all().values().stream()
        .filter(backupStatus -> backupStatus.failure().isPresent())
        .count();
  }

  private static double oldest(BackupStatusStore book) {
    Instant now = Instant.now();
    return book.all().values().stream()
        .flatMap(backupStatus -> backupStatus.goodAt().stream())
        .mapToDouble(at -> Duration.between(at, now).toSeconds())
        .max()
        .orElse(0);
  }

  private static double frozen(BackupStatusStore book) {
    return book.all().values().stream().mapToLong(BackupStatus::frozenMillis).max().orElse(0)
        / 1000.0;
  }
}
