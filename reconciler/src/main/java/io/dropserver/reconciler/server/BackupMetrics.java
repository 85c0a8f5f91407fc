package io.dropserver.reconciler.server;

import io.dropserver.reconciler.backup.BackupStatusStore;
import io.dropserver.reconciler.backup.BackupStatusStore.BackupStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;

/** Registers metrics of backups. Their values are computed at each scrape. */
final class BackupMetrics {
  private BackupMetrics() {}

  static void bindTo(MeterRegistry registry, BackupStatusStore statusStore) {
    Gauge.builder("dropserver.backups.failing", statusStore, BackupMetrics::failing)
        .description("Appspaces whose last backup failed")
        .register(registry);
    Gauge.builder("dropserver.backup.oldest.seconds", statusStore, BackupMetrics::oldest)
        .description("Age of the newest good backup, of the appspace where it is oldest")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("dropserver.backup.frozen.seconds", statusStore, BackupMetrics::frozen)
        .description("The longest time that an appspace was frozen for its last backup")
        .baseUnit("seconds")
        .register(registry);
  }

  private static double failing(BackupStatusStore statusStore) {
    return statusStore.all().values().stream()
        .filter(backupStatus -> backupStatus.failure().isPresent())
        .count();
  }

  private static double oldest(BackupStatusStore statusStore) {
    Instant now = Instant.now();
    return statusStore.all().values().stream()
        .flatMap(backupStatus -> backupStatus.goodAt().stream())
        .mapToDouble(at -> Duration.between(at, now).toSeconds())
        .max()
        .orElse(0);
  }

  private static double frozen(BackupStatusStore statusStore) {
    return statusStore.all().values().stream().mapToLong(BackupStatus::frozenMillis).max().orElse(0)
        / 1000.0;
  }
}
