package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupStep;
import io.dropserver.control.ControlException;
import io.dropserver.control.Erasure;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolders;
import io.dropserver.state.condition.BackupReason;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Erases backups and retained data in all repositories. Thread-safe. */
public record Eraser(
    List<Repository> repositories,
    DataFolders data,
    DeletionStore deletions,
    Appspaces appspaces,
    Clock clock) {
  /**
   * @param name of a further repository; empty for the first one
   */
  public record Repository(Optional<String> name, BackupRuns runs, BackupScheduler plan) {
    private String text() {
      return name.orElse("the first repository");
    }
  }

  /**
   * @param snapshots how many were erased
   * @param error why some remain
   */
  record ErasedSnapshots(String repository, int snapshots, Optional<String> error) {
    String text() {
      return error
          .map(why -> "not everything is erased in %s: %s".formatted(repository, why))
          .orElse("erased in %s: %d snapshots".formatted(repository, snapshots));
    }
  }

  /**
   * Erases retained data first, so that no backup of it begins afterwards. A declared appspace
   * keeps the data in use.
   */
  BackupOutcome erase(Erasure erasure, Consumer<BackupStep> progress) {
    List<DataFolder> folders =
        Stream.concat(
                data.retained().stream(),
                data.liveAppspaces().stream().flatMap(name -> data.live(name).stream()))
            .filter(folder -> matches(erasure, folder))
            .toList();
    List<DataFolder> inUse =
        folders.stream().filter(folder -> folder.retainedAt().isEmpty()).toList();
    if (erasure.data().isPresent() && !inUse.isEmpty()) {
      throw new ControlException(
          "the data %s is in use by %s; `dropserver data list` lists retained data"
              .formatted(erasure.data().get(), inUse.getFirst().appspace()));
    }
    List<String> discarded = folders.stream().filter(this::discard).map(DataFolder::id).toList();
    appspaces.retryFailed();
    Set<String> ids = new HashSet<>(erasure.data().stream().toList());
    folders.forEach(folder -> ids.add(folder.id()));
    List<ErasedSnapshots> results = new ArrayList<>();
    for (Repository repository : repositories) {
      progress.accept(new BackupStep(repository.text(), "erasing", -1, 0, 0));
      results.add(erase(repository, ids, each -> matches(erasure, ids, each)));
    }
    boolean complete = results.stream().allMatch(each -> each.error().isEmpty());
    if (complete) {
      erasure.data().ifPresent(deletions::forgetDeleted);
    }
    return outcome(complete, results, discarded, remaining(inUse));
  }

  private static boolean matches(Erasure erasure, DataFolder folder) {
    return isOrAny(erasure.appspace(), folder.appspace())
        && isOrAny(erasure.owner(), folder.owner())
        && isOrAny(erasure.data(), folder.id());
  }

  /**
   * Returns whether a snapshot is to be erased. A snapshot of the same data under an earlier name
   * of the appspace is.
   */
  private static boolean matches(Erasure erasure, Set<String> ids, ResticSnapshot snapshot) {
    String dataId = snapshot.tag("data").orElse("");
    return snapshot.tag("appspace").isPresent()
        && isOrAny(erasure.owner(), snapshot.tag("owner").orElse(""))
        && isOrAny(erasure.data(), dataId)
        && (isOrAny(erasure.appspace(), snapshot.tag("appspace").get()) || ids.contains(dataId));
  }

  private static boolean isOrAny(Optional<String> wanted, String value) {
    return wanted.isEmpty() || wanted.get().equals(value);
  }

  /** Returns whether the data was retained and is deleted. */
  private boolean discard(DataFolder folder) {
    if (folder.retainedAt().isEmpty()) {
      return false;
    }
    deletions.cancel(folder.id());
    return data.discard(folder.id(), folder.retainedAt().get());
  }

  private static ErasedSnapshots erase(
      Repository repository, Set<String> ids, Predicate<ResticSnapshot> chosen) {
    try {
      int erased = repository.runs().erase(ids, chosen).size();
      return new ErasedSnapshots(repository.text(), erased, Optional.empty());
    } catch (BackupException e) {
      if (e.reason() == BackupReason.INTERRUPTED) {
        throw e;
      }
      return new ErasedSnapshots(repository.text(), 0, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private List<String> remaining(List<DataFolder> inUse) {
    List<String> remaining = new ArrayList<>();
    for (DataFolder folder : inUse) {
      remaining.add(
          "the data in use of %s: remove the appspace from Git, then repeat the command%s"
              .formatted(
                  folder.appspace(),
                  repositories
                      .getFirst()
                      .plan()
                      .next(folder.appspace())
                      .map(at -> "; its next backup is due at " + RepositoryCondition.text(at))
                      .orElse("")));
    }
    repositories.forEach(each -> serverBackups(each).ifPresent(remaining::add));
    remaining.add(
        "content that a backup of another appspace also contains, and names in its manifest");
    remaining.add(
        "the history of the Git repository, and the audit log: see docs/operate/erasure.md");
    return remaining;
  }

  /**
   * Describes the backups of the server's own state; empty if there is none or they are unknown.
   */
  private Optional<String> serverBackups(Repository repository) {
    try {
      List<ResticSnapshot> found =
          repository.runs().backupEngine().list().stream()
              .filter(each -> BackupRuns.nameOf(each).equals(BackupRuns.SERVER))
              .toList();
      String until =
          repository
              .plan()
              .keptUntil(BackupRuns.SERVER, clock.instant())
              .map(
                  at ->
                      "until %s at most, while backups continue"
                          .formatted(RepositoryCondition.text(at)))
              .orElse("until retention removes them");
      return found.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "%d backups of the server's own state in %s (log-ins, events, messages and secrets, but no files of appspaces), %s"
                  .formatted(found.size(), repository.text(), until));
    } catch (BackupException e) {
      return Optional.empty();
    }
  }

  private static BackupOutcome outcome(
      boolean complete,
      List<ErasedSnapshots> results,
      List<String> discarded,
      List<String> remaining) {
    List<String> lines = new ArrayList<>(results.stream().map(ErasedSnapshots::text).toList());
    discarded.forEach(id -> lines.add("erased the retained data " + id));
    lines.add("What remains:");
    remaining.forEach(each -> lines.add("  " + each));
    return new BackupOutcome(
        String.join("\n", lines),
        Map.of(
            "complete",
            complete,
            "repositories",
            results,
            "retained",
            discarded,
            "remaining",
            remaining));
  }
}
