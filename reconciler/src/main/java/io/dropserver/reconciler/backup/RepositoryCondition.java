package io.dropserver.reconciler.backup;

import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.base.text.Sizes;
import io.dropserver.reconciler.backup.BackupStatusStore.BackupStatus;
import io.dropserver.reconciler.backup.BackupStatusStore.Failure;
import io.dropserver.state.condition.BackupReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Derives the conditions of one repository. Thread-safe.
 *
 * @param name of a further repository, with which the messages begin; empty for the first one
 */
public record RepositoryCondition(
    Optional<String> name, BackupStatusStore statusStore, BackupScheduler plan, Clock clock) {
  /** Tolerated delay of a due backup, which may wait for other backups and for retries. */
  private static final Duration GRACE = Duration.ofHours(6);

  /** Four weekly parts, and two weeks for failures and a server that is off. */
  private static final Duration ROTATION_LIMIT = Duration.ofDays(42);

  /** Returns whether an appspace is backed up in this repository. */
  Condition of(String appspace) {
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
                .map(at -> "the newest verified backup is from " + text(at) + coverage(page.get()))
                .orElse("no backup is verified yet")
            + repositoryRead();
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

  /** Returns what the newest verification read back; nothing if an earlier version made it. */
  private static String coverage(BackupStatus status) {
    return status
        .verifiedAt()
        .filter(at -> status.verifiedTotal() > 0)
        .map(
            at ->
                " (%s of %s read back at %s)"
                    .formatted(
                        Sizes.text(status.verifiedBytes()),
                        Sizes.text(status.verifiedTotal()),
                        text(at)))
        .orElse("");
  }

  /** Returns how much of the repository was read in rotation. */
  private String repositoryRead() {
    return statusStore
        .find(BackupScheduler.UPKEEP)
        .filter(status -> status.part() > 0)
        .map(
            status ->
                "; part %d of %d of the repository (about %s of %s) was read by %s%s"
                    .formatted(
                        status.part(),
                        ResticRepository.PARTS,
                        Sizes.text(status.bytes() * status.part() / ResticRepository.PARTS),
                        Sizes.text(status.bytes()),
                        text(status.attemptedAt()),
                        status.verifiedAt().map(at -> ", all of it by " + text(at)).orElse("")))
        .orElse("");
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

  /** Returns the conditions of the server's own state and of the repository. */
  List<Condition> ofServer() {
    return Stream.of(
            failure(BackupRuns.SERVER, type(), "the server's own state is not backed up: "),
            failure(
                    BackupScheduler.UPKEEP,
                    ConditionType.REPOSITORY_CHECKED,
                    "the weekly maintenance of the backup repository failed: ")
                .or(this::rotationOverdue))
        .flatMap(Optional::stream)
        .toList();
  }

  /** Returns a condition if a part of the repository was not read for too long. */
  private Optional<Condition> rotationOverdue() {
    return statusStore
        .find(BackupScheduler.UPKEEP)
        .flatMap(status -> status.verifiedAt().or(status::verifiedOf))
        .filter(since -> since.plus(ROTATION_LIMIT).isBefore(clock.instant()))
        .map(
            since ->
                condition(
                    ConditionType.REPOSITORY_CHECKED,
                    false,
                    BackupReason.OVERDUE,
                    "the repository was not read completely since %s: `dropserver backup verify --repository` reads it now"
                        .formatted(text(since)),
                    since.plus(ROTATION_LIMIT)));
  }

  /** Returns a condition if the last attempt failed. Successes are not reported. */
  private Optional<Condition> failure(String of, ConditionType type, String what) {
    Optional<BackupStatus> status = statusStore.find(of);
    Instant since = status.map(BackupStatus::attemptedAt).orElse(Instant.EPOCH);
    return status
        .flatMap(BackupStatus::failure)
        .map(why -> condition(type, false, why.reason(), what + why.message(), since));
  }

  private Condition backedUp(boolean status, BackupReason reason, String message, Instant since) {
    return condition(type(), status, reason, message, since);
  }

  private ConditionType type() {
    return name.isEmpty() ? ConditionType.BACKED_UP : ConditionType.REPOSITORY_BACKED_UP;
  }

  private Condition condition(
      ConditionType type, boolean status, BackupReason reason, String message, Instant since) {
    String text = name.map(each -> each + ": ").orElse("") + message;
    return new Condition(type, status, reason, text, Optional.empty(), since);
  }

  static String text(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
