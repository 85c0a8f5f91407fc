package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.Progress;
import io.dropserver.backup.engine.BackupReport;
import io.dropserver.backup.engine.Backups;
import io.dropserver.backup.engine.ServerFiles;
import io.dropserver.backup.engine.Subject;
import io.dropserver.backup.restic.Snapshot;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.state.DataFolder;
import io.dropserver.schema.state.DataFolders;
import io.dropserver.schema.status.BackupReason;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes and verifies backups, and records the results. Thread-safe. */
public final class BackupRuns {
  /** The name of the server's own state. It is not a valid appspace name. */
  public static final String SERVER = "(server)";

  private final Backups backups;
  private final ServerFiles server;
  private final Appspaces appspaces;
  private final DataFolders data;
  private final BackupBook book;
  private final DeletionBook deletions;

  /**
   * @param deletions data that is still needed although its appspace was removed
   */
  public BackupRuns(
      Backups backups,
      ServerFiles server,
      Appspaces appspaces,
      DataFolders data,
      BackupBook book,
      DeletionBook deletions) {
    this.backups = backups;
    this.server = server;
    this.appspaces = appspaces;
    this.data = data;
    this.book = book;
    this.deletions = deletions;
  }

  /**
   * Makes one backup and records the result; a failure is also reported as an event.
   *
   * @param name an appspace, or {@link #SERVER}
   * @throws BackupException when the backup failed
   */
  public BackupReport backUp(String name, Progress progress) {
    try {
      BackupReport report =
          name.equals(SERVER)
              ? backups.server(server, progress)
              : backups.now(subject(name), progress);
      book.good(name, report);
      sweepMirrors();
      return report;
    } catch (BackupException e) {
      throw noted(name, e);
    } catch (SandboxException
        | UncheckedIOException
        | io.dropserver.schema.state.StateException e) {
      throw noted(
          name,
          new BackupException(BackupReason.SOURCE_UNREADABLE, String.valueOf(e.getMessage()), e));
    }
  }

  /** Deletes mirrors of data that was replaced, retained or deleted, because they waste space. */
  private void sweepMirrors() {
    Set<String> needed = new HashSet<>();
    data.liveAppspaces()
        .forEach(each -> data.live(each).map(DataFolder::id).ifPresent(needed::add));
    deletions.pending().forEach(each -> needed.add(each.dataId()));
    backups.sweepMirrors(needed);
  }

  /**
   * Restores a sample of the snapshot and compares it.
   *
   * @return the number of compared files
   */
  public int verify(Snapshot snapshot, Progress progress) {
    String name = nameOf(snapshot);
    try {
      int files = backups.verify(snapshot, progress);
      book.verified(name, snapshot.id(), snapshot.time());
      return files;
    } catch (BackupException e) {
      throw noted(
          name,
          e.reason() == BackupReason.REPOSITORY_DAMAGED || e.reason() == BackupReason.BACKUP_FAILED
              ? new BackupException(BackupReason.NOT_VERIFIED, String.valueOf(e.getMessage()), e)
              : e);
    }
  }

  /**
   * Finds the snapshot that a person named. For a declared appspace, {@code latest} is limited to
   * the current app and owner, because another appspace may have had the same name.
   */
  Snapshot find(String named, String appspace) {
    Optional<Appspaces.Declared> declared =
        named.equals("latest") ? appspaces.find(appspace) : Optional.empty();
    if (declared.isEmpty()) {
      return backups.find(named, appspace);
    }
    Subject.Declaration own = declared.get().declaration();
    List<String> group = Subject.group(appspace, own.app(), own.owner());
    return backups.list().stream()
        .filter(snapshot -> snapshot.tags().containsAll(group))
        .findFirst()
        .orElseThrow(
            () ->
                new BackupException(
                    BackupReason.NO_SUCH_SNAPSHOT,
                    "there is no backup of %s with app %s and owner %s; `dropserver backup list %s` shows whether there is one of another appspace that had its name, to be restored by its id"
                        .formatted(appspace, own.app(), own.owner(), appspace)));
  }

  static String nameOf(Snapshot snapshot) {
    return snapshot.tag("appspace").orElse(SERVER);
  }

  /**
   * Records a failure. An interruption is not a failure; the next run or the next start repeats the
   * work.
   */
  private BackupException noted(String name, BackupException failure) {
    if (failure.reason() != BackupReason.INTERRUPTED) {
      String message = String.valueOf(failure.getMessage());
      book.failed(name, failure.reason(), message);
      if (!name.equals(SERVER)) {
        appspaces.report(name, failure.reason(), message, true);
      }
    }
    return failure;
  }

  /** The current data and declaration of an appspace. */
  public Subject subject(String name) {
    Optional<Appspaces.Declared> declared = appspaces.find(name);
    Optional<DataFolder> folder = data.live(name);
    if (declared.isEmpty() || folder.isEmpty()) {
      throw new BackupException(
          BackupReason.SOURCE_UNREADABLE,
          "there is no appspace \"%s\" with data; `dropserver get appspace` lists them"
              .formatted(name));
    }
    data.make(name);
    return new Subject(
        name,
        folder.get().id(),
        data.files(folder.get()),
        declared.get().appspace().limits().storageBytes(),
        declared.get().declaration());
  }
}
