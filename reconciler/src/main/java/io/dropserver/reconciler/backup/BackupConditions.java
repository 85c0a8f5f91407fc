package io.dropserver.reconciler.backup;

import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.reconciler.backup.BackupStatusStore.Failure;
import io.dropserver.reconciler.backup.Deletion.Last;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.condition.BackupReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Derives backup conditions, such as {@code BackedUp} of an appspace and {@code OffMachine} of the
 * server. Thread-safe.
 */
public record BackupConditions(
    RepositoryCondition first,
    List<RepositoryCondition> further,
    DeletionStore deletions,
    RepositorySettings settings,
    BackupFolders folders) {

  /** Returns the conditions of a declared appspace. */
  public List<Condition> of(Appspace appspace) {
    return Stream.of(
            Stream.of(first.of(appspace.name())),
            further.stream().map(repository -> repository.of(appspace.name())),
            earlierData(appspace).stream())
        .flatMap(conditions -> conditions)
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
                      .formatted(
                          RepositoryCondition.text(last.takenAt()),
                          last.shortId(),
                          deletion.dataId()),
                  deletion.deletedAt().orElse(Instant.EPOCH));
            });
  }

  /**
   * Returns the conditions of the server as a whole. Each is present only while it reports a
   * problem or a pending deletion.
   */
  public List<Condition> ofServer() {
    return Stream.of(
            offMachine().stream(),
            Stream.concat(Stream.of(first), further.stream())
                .flatMap(each -> each.ofServer().stream()),
            waiting().stream())
        .flatMap(conditions -> conditions)
        .toList();
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

  private static Condition condition(
      ConditionType type, boolean status, BackupReason reason, String message, Instant since) {
    return new Condition(type, status, reason, message, Optional.empty(), since);
  }
}
