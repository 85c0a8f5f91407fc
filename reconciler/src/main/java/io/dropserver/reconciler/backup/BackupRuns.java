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

/** Makes and verifies backups, and writes down what became of them. Thread-safe. */
public final class BackupRuns {
  /** The server's own state, among the names of appspaces; no appspace can be called so. */
  public static final String SERVER = "(server)";

  private final Backups backups;
  private final ServerFiles server;
  private final Appspaces appspaces;
  private final DataFolders data;
  private final BackupBook book;
  private final DeletionBook deletions;

  /**
   * @param deletions data that is needed although no appspace has it
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
   * One backup; the book and the events say what became of it.
   *
   * @param name of an appspace, or {@link #SERVER}
   * @throws BackupException when it failed
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

  /** Those of data that was replaced, left or was deleted take space for nothing. */
  private void sweepMirrors() {
    Set<String> needed = new HashSet<>();
    data.liveAppspaces()
        .forEach(each -> data.live(each).map(DataFolder::id).ifPresent(needed::add));
    deletions.pending().forEach(each -> needed.add(each.dataId()));
    backups.sweepMirrors(needed);
  }

  /** Restores a sample of the snapshot and compares it. */
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
   * The snapshot that a person means. {@code latest} of a declared appspace is one of this app and
   * owner, and not of another that once had its name.
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

  /** An interruption is nobody's failure: the next run, or the next start, makes it good. */
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

  /** Of a declared appspace, as it is now. */
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
