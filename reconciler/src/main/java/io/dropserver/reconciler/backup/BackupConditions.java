package io.dropserver.reconciler.backup;

import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.reconciler.backup.BackupStatusStore.BackupStatus;
import io.dropserver.reconciler.backup.BackupStatusStore.Failure;
import io.dropserver.reconciler.backup.Deletion.Last;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.status.BackupReason;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.ConditionType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Derives backup conditions, such as {@code BackedUp} of an appspace and {@code OffMachine} of the
 * server. Thread-safe.
 */
public record BackupConditions(
    BackupStatusStore statusStore,
    DeletionStore deletions,
    BackupScheduler plan,
    RepositorySettings settings,
    BackupFolders folders,
    Clock clock) {
  /** Tolerated delay of a due backup, which may wait for other backups and for retries. */
  private static final Duration GRACE = Duration.ofHours(6);

  /** Returns the conditions of a declared appspace. */
  public List<Condition> of(Appspace appspace) {
    return Stream.concat(Stream.of(backedUp(appspace.name())), earlierData(appspace).stream())
        .toList();
  }

  private Optional<Condition> earlierData(Appspace appspace) {
    return deletions
        .deleted(appspace.name(), appspace.app().name(), appspace.owner())
        .map(
            deletion -> {
              Last last = deletion.lastBackup().orElseThrow();
              return condition(
                  ConditionType.DATA_IN_BACKUP,
                  true,
                  BackupReason.DELETED,
                  "its earlier data was deleted after it was removed from the repository, and is in the backup of %s: `dropserver backup restore %s` restores it, `dropserver data discard %s` gives it up"
                      .formatted(text(last.takenAt()), last.shortId(), deletion.dataId()),
                  deletion.deletedAt().orElse(Instant.EPOCH));
            });
  }

  private Condition backedUp(String appspace) {
    Optional<BackupStatus> page = statusStore.find(appspace);
    String due = plan.next(appspace).map(at -> "; the next one is due at " + text(at)).orElse("");
    if (page.isEmpty()) {
      return backedUp(false, BackupReason.NOT_YET, "no backup yet" + due, Instant.EPOCH);
    }
    Instant since = page.get().attemptedAt();
    String good =
        page.get()
            .goodAt()
            .map(at -> "the newest good backup is from " + text(at))
            .orElse("there is no good backup");
    String verified =
        page.get()
            .verifiedOf()
            .map(at -> "the newest verified backup is from " + text(at))
            .orElse("no backup is verified yet");
    if (page.get().failure().isPresent()) {
      Failure failure = page.get().failure().get();
      return backedUp(false, failure.reason(), failure.message() + "; " + good, since);
    }
    if (isOverdue(appspace, page.get())) {
      return backedUp(false, BackupReason.OVERDUE, good + "; " + verified + due, since);
    }
    boolean proven = page.get().verifiedOf().isPresent();
    BackupReason reason = proven ? BackupReason.VERIFIED : BackupReason.UNVERIFIED;
    return backedUp(true, reason, good + "; " + verified + due, since);
  }

  /**
   * Returns whether the last verified backup is too old. If none was verified, checks the last
   * successful one. Allows two backup intervals, a day for the verification, and {@link #GRACE}.
   */
  private boolean isOverdue(String appspace, BackupStatus backupStatus) {
    Instant proven = backupStatus.verifiedOf().or(backupStatus::goodAt).orElse(Instant.EPOCH);
    Duration between = plan.interval(appspace);
    return proven
        .plus(between.multipliedBy(2))
        .plus(Duration.ofDays(1))
        .plus(GRACE)
        .isBefore(clock.instant());
  }

  /**
   * Returns the conditions of the server as a whole. Each is present only while it reports a
   * problem or a pending deletion.
   */
  public List<Condition> ofServer() {
    return Stream.of(
            offMachine(),
            failure(
                BackupRuns.SERVER,
                ConditionType.BACKED_UP,
                "the server's own state is not backed up: "),
            failure(
                BackupScheduler.UPKEEP,
                ConditionType.REPOSITORY_CHECKED,
                "the weekly maintenance of the backup repository failed: "),
            waiting())
        .flatMap(Optional::stream)
        .toList();
  }

  /** Returns a condition if the last attempt failed. Successes are not reported. */
  private Optional<Condition> failure(String name, ConditionType type, String what) {
    Optional<BackupStatus> status = statusStore.find(name);
    Instant since = status.map(BackupStatus::attemptedAt).orElse(Instant.EPOCH);
    return status
        .flatMap(BackupStatus::failure)
        .map(why -> condition(type, false, why.reason(), what + why.message(), since));
  }

  private Optional<Condition> waiting() {
    List<Deletion> pending = deletions.pending();
    return pending.stream()
        .filter(each -> each.failure().isPresent())
        .findFirst()
        .or(() -> pending.stream().findFirst())
        .map(
            first ->
                condition(
                    ConditionType.DELETION_WAITS,
                    true,
                    first.failure().map(Failure::reason).orElse(BackupReason.LAST_BACKUP),
                    message(first, pending.size() - 1),
                    first.retainedAt()));
  }

  private static String message(Deletion deletion, int more) {
    String why =
        deletion
            .failure()
            .map(
                f ->
                    f.message()
                        + "; the server retries it automatically, and at `dropserver backup now`")
            .orElse("the backup is in progress");
    return "the data of %s (app %s, owner %s), which was removed from the repository, is kept until its last backup is complete and fully read back: %s%s"
        .formatted(
            deletion.appspace(),
            deletion.app(),
            deletion.owner(),
            why,
            more == 0 ? "" : " (and %d more)".formatted(more));
  }

  private Optional<Condition> offMachine() {
    if (!settings.isLocal() || !isOnStateDisk()) {
      return Optional.empty();
    }
    String message =
        "the backups are on the disk that they protect (%s): set backup.repository in the host's configuration to another place, and store the output of `dropserver backup recovery-kit` there"
            .formatted(settings.repository());
    return Optional.of(
        condition(
            ConditionType.OFF_MACHINE, false, BackupReason.SAME_DISK, message, Instant.EPOCH));
  }

  private boolean isOnStateDisk() {
    try {
      Path repository = Path.of(settings.repository());
      while (!Files.exists(repository) && repository.getParent() != null) {
        repository = repository.getParent();
      }
      return Files.getFileStore(repository).equals(Files.getFileStore(folders.root()));
    } catch (IOException e) {
      return false;
    }
  }

  private static Condition backedUp(
      boolean status, BackupReason reason, String message, Instant since) {
    return condition(ConditionType.BACKED_UP, status, reason, message, since);
  }

  private static Condition condition(
      ConditionType type, boolean status, BackupReason reason, String message, Instant since) {
    return new Condition(type, status, reason, message, Optional.empty(), since);
  }

  private static String text(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
