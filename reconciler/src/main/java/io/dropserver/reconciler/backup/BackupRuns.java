package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupReport;
import io.dropserver.backup.engine.BackupSource;
import io.dropserver.backup.engine.ServerFiles;
import io.dropserver.backup.engine.Verification;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolders;
import io.dropserver.state.StateException;
import io.dropserver.state.condition.BackupReason;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Makes and verifies backups, and records the results. Thread-safe.
 *
 * @param deletions the pending deletions, which still need the mirrors of their data
 */
public record BackupRuns(
    BackupEngine backupEngine,
    ServerFiles server,
    Appspaces appspaces,
    DataFolders data,
    BackupStatusStore statusStore,
    DeletionStore deletions) {
  /** Name under which the server's own state is backed up. It is not a valid appspace name. */
  public static final String SERVER = "(server)";

  private static final String LATEST_OF = "latest:";

  /**
   * Makes one backup and records the result. A failure is also reported as an event.
   *
   * @param name an appspace, or {@link #SERVER}
   * @throws BackupException when the backup fails
   */
  public BackupReport backUp(String name, ProgressListener progressListener) {
    try {
      BackupReport report =
          name.equals(SERVER)
              ? backupEngine.backUpServer(server, progressListener)
              : backupEngine.backUp(subject(name), progressListener);
      statusStore.recordSuccess(name, report);
      sweepMirrors();
      return report;
    } catch (BackupException e) {
      throw recordFailure(name, e);
    } catch (SandboxException | UncheckedIOException | StateException e) {
      throw recordFailure(
          name,
          new BackupException(BackupReason.SOURCE_UNREADABLE, String.valueOf(e.getMessage()), e));
    }
  }

  /** Deletes mirrors of data that was replaced, retained or deleted, to free their space. */
  private void sweepMirrors() {
    Set<String> needed = new HashSet<>();
    data.liveAppspaces()
        .forEach(each -> data.live(each).map(DataFolder::id).ifPresent(needed::add));
    deletions.pending().forEach(each -> needed.add(each.dataId()));
    backupEngine.keepOnlyMirrors(needed);
  }

  /**
   * Verifies a snapshot by restoring a sample and comparing it.
   *
   * @param whole whether restic also reads every byte of the snapshot
   */
  public Verification verify(
      ResticSnapshot resticSnapshot, boolean whole, ProgressListener progressListener) {
    String name = nameOf(resticSnapshot);
    try {
      Verification verification =
          whole
              ? backupEngine.verifyAll(resticSnapshot.id(), progressListener)
              : backupEngine.verify(resticSnapshot, progressListener);
      statusStore.verified(name, resticSnapshot.id(), resticSnapshot.time(), verification);
      return verification;
    } catch (BackupException e) {
      throw recordFailure(
          name,
          e.reason() == BackupReason.REPOSITORY_DAMAGED || e.reason() == BackupReason.BACKUP_FAILED
              ? new BackupException(BackupReason.NOT_VERIFIED, String.valueOf(e.getMessage()), e)
              : e);
    }
  }

  /**
   * Finds the snapshot that a user named. For a declared appspace, {@code latest} considers only
   * snapshots of the current app and owner, because an earlier appspace may have had the same name.
   *
   * @param named the first digits of an id, {@code latest}, or {@code latest:NAME} for the newest
   *     one of another appspace
   */
  ResticSnapshot find(String named, String appspace) {
    if (named.startsWith(LATEST_OF)) {
      return find("latest", named.substring(LATEST_OF.length()));
    }
    Optional<Appspaces.Declared> declared =
        named.equals("latest") ? appspaces.find(appspace) : Optional.empty();
    if (declared.isEmpty()) {
      return backupEngine.find(named, appspace);
    }
    BackupSource.AppspaceDeclaration own = declared.get().declaration();
    List<String> group = BackupSource.group(appspace, own.app(), own.owner());
    return backupEngine.list().stream()
        .filter(resticSnapshot -> resticSnapshot.tags().containsAll(group))
        .findFirst()
        .orElseThrow(
            () ->
                new BackupException(
                    BackupReason.NO_SUCH_SNAPSHOT,
                    "there is no backup of %s with app %s and owner %s; `dropserver backup list %s` also lists backups of other appspaces that had its name, which can be restored by id"
                        .formatted(appspace, own.app(), own.owner(), appspace)));
  }

  /**
   * Erases snapshots, and the mirrors of their data and of {@code dataIds}.
   *
   * @return the erased snapshots
   */
  List<ResticSnapshot> erase(Set<String> dataIds, Predicate<ResticSnapshot> chosen) {
    List<ResticSnapshot> erased = backupEngine.erase(dataIds, chosen);
    Set<String> ids = erased.stream().map(ResticSnapshot::id).collect(Collectors.toSet());
    statusStore.discard(ids);
    ids.forEach(deletions::forgetLastBackup);
    return erased;
  }

  /** Returns the newest snapshot of each appspace and of the server. */
  List<ResticSnapshot> newest() {
    Set<String> seen = new HashSet<>();
    return backupEngine.list().stream().filter(each -> seen.add(nameOf(each))).toList();
  }

  /** Runs maintenance of the repository, and records a failure. */
  void maintain(Runnable work) {
    try {
      work.run();
    } catch (BackupException e) {
      throw recordFailure(BackupScheduler.UPKEEP, e);
    }
  }

  static String nameOf(ResticSnapshot resticSnapshot) {
    return resticSnapshot.tag("appspace").orElse(SERVER);
  }

  /**
   * Records a failure. An interruption is not recorded, because the next run or the next start
   * repeats the work.
   */
  private BackupException recordFailure(String name, BackupException failure) {
    if (failure.reason() != BackupReason.INTERRUPTED) {
      String message = String.valueOf(failure.getMessage());
      statusStore.recordFailure(name, failure.reason(), message);
      if (!name.equals(SERVER) && !name.equals(BackupScheduler.UPKEEP)) {
        appspaces.report(name, failure.reason(), message, true);
      }
    }
    return failure;
  }

  /** Returns the current data and declaration of an appspace. */
  public BackupSource subject(String name) {
    Optional<Appspaces.Declared> declared = appspaces.find(name);
    Optional<DataFolder> folder = data.live(name);
    if (declared.isEmpty() || folder.isEmpty()) {
      throw new BackupException(
          BackupReason.SOURCE_UNREADABLE,
          "there is no appspace \"%s\" with data; `dropserver get appspace` lists them"
              .formatted(name));
    }
    data.createFolder(name);
    return new BackupSource(
        name,
        folder.get().id(),
        data.files(folder.get()),
        declared.get().appspace().limits().storageBytes(),
        declared.get().declaration());
  }
}
