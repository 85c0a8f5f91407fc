package io.dropserver.reconciler.backup;

import io.dropserver.reconciler.backup.BackupStatusStore.BackupStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Registers metrics of backups. Their values are computed at each scrape. */
public final class BackupMetrics {
  private BackupMetrics() {}

  /**
   * Registers the metrics of one repository.
   *
   * @param repository its name; empty for the first one; Prometheus treats an empty label like a
   *     missing one
   */
  public static void bindTo(
      MeterRegistry registry, String repository, BackupStatusStore statusStore, Clock clock) {
    gauge("dropserver.backups.failing", repository, statusStore, BackupMetrics::failing)
        .description("Appspaces whose last backup failed")
        .register(registry);
    gauge("dropserver.backup.oldest.seconds", repository, statusStore, all -> oldest(all, clock))
        .description("Age of the newest good backup, of the appspace where it is oldest")
        .baseUnit("seconds")
        .register(registry);
    gauge(
            "dropserver.backup.verified.seconds",
            repository,
            statusStore,
            all -> verified(all, clock))
        .description("Age of the newest verified backup, of the appspace where it is oldest")
        .baseUnit("seconds")
        .register(registry);
    gauge("dropserver.backup.frozen.seconds", repository, statusStore, BackupMetrics::frozen)
        .description("The longest time that an appspace was frozen for its last backup")
        .baseUnit("seconds")
        .register(registry);
  }

  private static Gauge.Builder<BackupStatusStore> gauge(
      String name,
      String repository,
      BackupStatusStore statusStore,
      ToDoubleFunction<BackupStatusStore> value) {
    return Gauge.builder(name, statusStore, value).tag("repository", repository);
  }

  private static double failing(BackupStatusStore statusStore) {
    return statusStore.all().values().stream()
        .filter(backupStatus -> backupStatus.failure().isPresent())
        .count();
  }

  private static double oldest(BackupStatusStore statusStore, Clock clock) {
    return oldest(statusStore, clock, BackupStatus::goodAt);
  }

  private static double verified(BackupStatusStore statusStore, Clock clock) {
    return oldest(statusStore, clock, BackupStatus::verifiedOf);
  }

  private static double oldest(
      BackupStatusStore statusStore, Clock clock, Function<BackupStatus, Optional<Instant>> time) {
    Instant now = clock.instant();
    return statusStore.all().values().stream()
        .flatMap(backupStatus -> time.apply(backupStatus).stream())
        .mapToDouble(at -> Duration.between(at, now).toSeconds())
        .max()
        .orElse(0);
  }

  private static double frozen(BackupStatusStore statusStore) {
    return statusStore.all().values().stream().mapToLong(BackupStatus::frozenMillis).max().orElse(0)
        / 1000.0;
  }
}
